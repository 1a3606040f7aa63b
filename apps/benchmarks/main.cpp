// The server that benchmarks measure: messages in rooms, as an application would offer them.

#include "dcrf/actors/server.hpp"
#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <optional>
#include <vector>

namespace benchmarks {

struct message {
  std::int64_t id{};
  std::int64_t room_id{};
  std::string text;
  std::int64_t user_id{};
};
BOOST_DESCRIBE_STRUCT(message, (), (id, room_id, text, user_id))

} // namespace benchmarks

template <>
struct dcrf::model<benchmarks::message> {
  static constexpr auto table = "message";
  using primary_key = dcrf::primary_key<&benchmarks::message::id>;
  using fields = dcrf::fields<dcrf::field<&benchmarks::message::room_id, dcrf::indexed>,
                              dcrf::text<&benchmarks::message::text, dcrf::max_length<10000>>>;
};

namespace benchmarks {

struct message_serializer : dcrf::model_serializer<message> {
  using fields = dcrf::all_fields;
};

class message_consumer
    : public dcrf::model_consumer<message_consumer, message, message_serializer, dcrf::crud> {
public:
  struct messages_of_room : dcrf::model_observer<message, message_serializer> {
    using groups = dcrf::by<&message::room_id>;
  };

  struct in_room {
    std::int64_t room;
    BOOST_DESCRIBE_CLASS(in_room, (), (room), (), ())
  };

  dcrf::response echo(dcrf::json args) { return dcrf::response::ok(args); }

  dcrf::task<dcrf::response> subscribe_to_room(in_room args, dcrf::request& req) {
    co_await subscribe<messages_of_room>(req, args.room);
    co_return dcrf::response::created();
  }

  using actions = dcrf::actions<dcrf::action<"echo", &message_consumer::echo>,
                                dcrf::action<"subscribe", &message_consumer::subscribe_to_room>>;

protected:
  // The first rows, as many as a list asks for.
  dcrf::query<message> queryset(const dcrf::request& req) const override {
    dcrf::query<message> rows;
    auto limit = req.argument("limit");
    if (limit && limit->type() == dcrf::json_type::int64) {
      return rows.slice(0, limit->int64());
    }
    return rows;
  }
};

constexpr std::int64_t first_rows = 1000;

// The rows that readers read, unless the database has them already.
dcrf::task<> fill(const dcrf::runtime& within) {
  if (co_await within.repository<message>().count({}) > 0) {
    co_return;
  }
  std::vector<message> rows;
  for (std::int64_t i = 1; i <= first_rows; ++i) {
    rows.push_back({.room_id = 1,
                    .text = "message number " + std::to_string(i) + ' ' + std::string(80, 'y'),
                    .user_id = i % 10 + 1});
  }
  co_await within.repository<message>().bulk_create(rows);
}

} // namespace benchmarks

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
  server.models<benchmarks::message>();
  server.websocket<benchmarks::message_consumer>("/ws/messages/");
  server.on_start(&benchmarks::fill);
  return server.run();
}
