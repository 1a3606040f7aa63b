#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

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
  using fields =
      dcrf::fields<dcrf::field<&benchmarks::message::room_id, dcrf::indexed>,
                   dcrf::text_field<&benchmarks::message::text, dcrf::max_length<10000>>>;
};

namespace benchmarks {

struct message_serializer : dcrf::model_serializer<message> {
  using fields = dcrf::all_fields;
};

class message_consumer
    : public dcrf::model_consumer<message_consumer, message, message_serializer, dcrf::crud> {
public:
  using permissions = dcrf::permissions<dcrf::allow_any>;

  struct messages_of_room : dcrf::model_observer<message, message_serializer> {
    using groups = dcrf::by<&message::room_id>;
  };

  dcrf::response echo(dcrf::json args) { return dcrf::response::ok(args); }

  dcrf::task<dcrf::response> subscribe_to_room(std::int64_t room, dcrf::request& req) {
    co_await subscribe<messages_of_room>(req, room);
    co_return dcrf::response::created();
  }

  using actions =
      dcrf::actions<dcrf::action<&message_consumer::echo>,
                    dcrf::action<"subscribe", &message_consumer::subscribe_to_room, "room">>;

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

} // namespace benchmarks
