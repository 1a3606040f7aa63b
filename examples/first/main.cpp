// Notes that clients read, write and watch over a WebSocket.
// [program]
#include <dcrf/server.hpp>

#include <cstdio>

struct note {
  std::int64_t id{};
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text))

template <>
struct dcrf::model<note> {
  static constexpr auto table = "note";
  using primary_key = dcrf::primary_key<&note::id>;
  using fields = dcrf::fields<dcrf::text_field<&note::text, dcrf::max_length<200>>>;
};

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
};

struct note_consumer : dcrf::model_consumer<note_consumer, note, note_serializer, dcrf::crud> {
  struct every_note : dcrf::model_observer<note, note_serializer> {};

  dcrf::task<dcrf::response> watch(dcrf::request& req) {
    co_await subscribe<every_note>(req);
    co_return dcrf::response::created();
  }

  using actions = dcrf::actions<dcrf::action<&note_consumer::watch>>;
};

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
  server.models<note>();
  server.websocket<note_consumer>("/ws/notes/");
  return server.run();
}
// [program]
