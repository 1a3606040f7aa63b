// Part 1 of docs/tutorial.md: rooms that clients create, list and watch.
// [includes]
#include <dcrf/server.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
// [includes]

// [model]
struct room {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(room, (), (id, name))

template <>
struct dcrf::model<room> {
  static constexpr auto table = "chat_room";
  using primary_key = dcrf::primary_key<&room::id>;
  using fields = dcrf::fields<dcrf::text_field<&room::name, dcrf::max_length<100>, dcrf::unique>>;
};
// [model]

// [serializer]
struct room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::renamed<"pk", &room::id>, dcrf::field<&room::name>>;
};
// [serializer]

// [consumer]
class room_consumer
    : public dcrf::model_consumer<room_consumer, room, room_serializer, dcrf::list_model,
                                  dcrf::create_model, dcrf::patch_model, dcrf::observe_instance> {
protected:
  dcrf::query<room> queryset(const dcrf::request&) const override {
    return dcrf::query<room>{}.order_by<&room::name>();
  }
};
// [consumer]

// [main]
int main(int argc, char** argv) {
  dcrf::actor_system_config config;
  if (auto error = config.parse(argc, argv)) {
    std::fprintf(stderr, "error: %s\n", dcrf::actor_system_config::render(error).c_str());
    return 1;
  }
  if (config.cli_helptext_printed) {
    return 0;
  }
  caf::actor_system system{config};
  dcrf::server server{system};
  server.models<room>();
  server.websocket<room_consumer>("/ws/chat/room/");
  return server.run();
}
// [main]
