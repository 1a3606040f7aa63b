// Part 3 of docs/tutorial.md: the consumer of part 2, for users who are logged in, with history.
#pragma once

#include <dcrf/dcrf.hpp>

#include <cstdint>
#include <optional>
#include <string>
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

  dcrf::task<> join_room(std::int64_t pk) {
    co_await repository<room>().get(pk);
    co_await leave();
    room_ = pk;
    co_await related<&room::current_users>(pk).add(user().pk);
  }

  dcrf::task<> leave_room(std::int64_t pk) {
    if (room_ == pk) {
      co_await leave();
    }
  }

  dcrf::task<> disconnected(std::uint16_t) override { return leave(); }

  struct message_activity : dcrf::model_observer<message, message_serializer> {
    using groups = dcrf::by<&message::room>;
  };

  dcrf::task<dcrf::response> create_message(std::string text) {
    if (!room_) {
      throw dcrf::validation_error("Join a room first.");
    }
    message draft{.room = *room_, .user = user().pk, .text = text};
    co_return dcrf::response::created(co_await create<message_serializer>(draft));
  }

  dcrf::task<dcrf::response> subscribe_to_messages_in_room(std::int64_t pk, dcrf::request& req) {
    co_await subscribe<message_activity>(req, pk);
    co_return dcrf::response::created();
  }

  // [history]
  dcrf::task<dcrf::response> list_messages(std::int64_t pk) {
    auto latest = dcrf::query<message>{}
                      .filter(dcrf::column<&message::room> == pk)
                      .order_by_descending<&message::id>()
                      .slice(0, 50);
    co_return dcrf::response::ok(co_await serialize<message_serializer>(latest));
  }
  // [history]

  using actions = dcrf::actions<dcrf::action<&room_consumer::join_room, "pk">,
                                dcrf::action<&room_consumer::leave_room, "pk">,
                                dcrf::action<&room_consumer::create_message, "message">,
                                dcrf::action<&room_consumer::list_messages, "pk">,
                                dcrf::action<&room_consumer::subscribe_to_messages_in_room, "pk">>;

private:
  dcrf::task<> leave() {
    if (auto left = std::exchange(room_, std::nullopt)) {
      co_await related<&room::current_users>(*left).remove(user().pk);
    }
  }

  std::optional<std::int64_t> room_;
};
