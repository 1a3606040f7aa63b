// Part 3 of docs/tutorial.md: the consumer of part 2, for users who are logged in, with history.
#pragma once

#include <dcrf/consumer/model_consumer.hpp>
#include <dcrf/consumer/serialize.hpp>
#include <dcrf/observer/model_observer.hpp>

#include <optional>
#include <utility>

#include "models.hpp"

class room_consumer
    : public dcrf::model_consumer<room_consumer, room, room_serializer, dcrf::list_model,
                                  dcrf::create_model, dcrf::observe_instance> {
public:
  // [permissions]
  using permissions = dcrf::permissions<dcrf::authenticated_connection, dcrf::is_authenticated>;
  // [permissions]
  // Who comes and goes is a change of the room.
  static constexpr bool watches_relations = true;

  struct in_room {
    std::int64_t pk;
    BOOST_DESCRIBE_CLASS(in_room, (), (pk), (), ())
  };

  struct new_message {
    std::string message;
    BOOST_DESCRIBE_CLASS(new_message, (), (message), (), ())
  };

  dcrf::task<> join_room(in_room args, dcrf::request& req) {
    co_await repository<room>().get(args.pk);
    co_await leave();
    room_ = args.pk;
    co_await related<&room::current_users>(args.pk).add(req.user().pk);
  }

  dcrf::task<> leave_room(in_room args) {
    if (room_ == args.pk) {
      co_await leave();
    }
  }

  dcrf::task<> disconnected(std::uint16_t) override { return leave(); }

  struct message_activity : dcrf::model_observer<message, message_serializer> {
    using groups = dcrf::by<&message::room>;
  };

  dcrf::task<dcrf::response> create_message(new_message args, dcrf::request& req) {
    if (!room_) {
      throw dcrf::validation_error("Join a room first.");
    }
    message draft{.room = *room_, .user = req.user().pk, .text = args.message};
    co_return dcrf::response::created(co_await dcrf::create<message_serializer>(runtime(), draft));
  }

  dcrf::task<dcrf::response> subscribe_to_messages_in_room(in_room args, dcrf::request& req) {
    co_await subscribe<message_activity>(req, args.pk);
    co_return dcrf::response::created();
  }

  // [history]
  dcrf::task<dcrf::response> list_messages(in_room args) {
    auto latest = dcrf::query<message>{}
                      .filter(dcrf::column<&message::room> == args.pk)
                      .order_by_descending<&message::id>()
                      .slice(0, 50);
    co_return dcrf::response::ok(
        co_await dcrf::serialize<message_serializer>(runtime(), std::move(latest)));
  }
  // [history]

  using actions = dcrf::actions<
      dcrf::action<"join_room", &room_consumer::join_room>,
      dcrf::action<"leave_room", &room_consumer::leave_room>,
      dcrf::action<"create_message", &room_consumer::create_message>,
      dcrf::action<"list_messages", &room_consumer::list_messages>,
      dcrf::action<"subscribe_to_messages_in_room", &room_consumer::subscribe_to_messages_in_room>>;

private:
  dcrf::task<> leave() {
    if (auto left = std::exchange(room_, std::nullopt)) {
      co_await related<&room::current_users>(*left).remove(user().pk);
    }
  }

  std::optional<std::int64_t> room_;
};
