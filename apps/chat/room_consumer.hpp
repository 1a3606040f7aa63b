#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/consumer/presence.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "chat/models.hpp"

namespace chat {

/// The chat on one connection: rooms, their messages, and who is here. A connection is in one room
/// at most, and leaves it when it ends.
class room_consumer
    : public dcrf::model_consumer<room_consumer, room, room_serializer, dcrf::list_model,
                                  dcrf::create_model, dcrf::observe_instance> {
public:
  using permissions = dcrf::permissions<dcrf::authenticated_connection, dcrf::is_authenticated>;
  // Who comes and goes is a change of the room.
  static constexpr bool watches_relations = true;

  /// Every message of a room reaches those who subscribed to that room.
  struct message_activity : dcrf::model_observer<message, message_serializer> {
    using groups = dcrf::by<&message::room>;
  };

  /// Every room reaches those who look at the list.
  struct room_activity : dcrf::model_observer<room, room_serializer> {
    static constexpr bool watches_relations = true;
  };

  struct in_room {
    std::int64_t pk;
    BOOST_DESCRIBE_CLASS(in_room, (), (pk), (), ())
  };

  struct new_message {
    std::string message;
    BOOST_DESCRIBE_CLASS(new_message, (), (message), (), ())
  };

  struct history {
    std::int64_t room;
    std::optional<std::int64_t> before;
    std::optional<std::int64_t> limit;
    BOOST_DESCRIBE_CLASS(history, (), (room, before, limit), (), ())
  };

  dcrf::task<> join_room(in_room args);
  dcrf::task<> leave_room(in_room args);
  dcrf::task<dcrf::response> create_message(new_message args);
  dcrf::task<dcrf::response> list_messages(history args);
  dcrf::task<dcrf::response> subscribe_to_messages_in_room(in_room args, dcrf::request& req);
  dcrf::response unsubscribe_from_messages_in_room(in_room args, dcrf::request& req);
  dcrf::task<dcrf::response> subscribe_to_rooms(dcrf::request& req);

  using actions = dcrf::actions<
      dcrf::action<"join_room", &room_consumer::join_room>,
      dcrf::action<"leave_room", &room_consumer::leave_room>,
      dcrf::action<"create_message", &room_consumer::create_message>,
      dcrf::action<"list_messages", &room_consumer::list_messages>,
      dcrf::action<"subscribe_to_messages_in_room", &room_consumer::subscribe_to_messages_in_room>,
      dcrf::action<"unsubscribe_from_messages_in_room",
                   &room_consumer::unsubscribe_from_messages_in_room>,
      dcrf::action<"subscribe_to_rooms", &room_consumer::subscribe_to_rooms>>;

  dcrf::task<> disconnected() override;

  /// Tells the client who is in its room, when somebody comes or goes on any node.
  dcrf::task<> received(const dcrf::group_message& message) override;

protected:
  dcrf::query<room> queryset(const dcrf::request& req) const override;
  dcrf::task<> perform_create(dcrf::validated<room>& data, dcrf::request& req) override;

private:
  dcrf::task<> enter(std::int64_t pk);
  void leave();
  void tell_who_is_here(std::int64_t pk);
  [[nodiscard]] dcrf::presence people_in(std::int64_t room) const;

  // The room that this connection is in.
  std::optional<std::int64_t> here_;
  dcrf::presence_entry present_;
};

/// Has the database say of a room who is present in it, on whatever node.
/// @param key of presence
dcrf::task<> note_people(const dcrf::runtime& within, const std::string& key);

/// Does so for all rooms: when a server starts, whatever a crash has left behind.
dcrf::task<> note_all_people(const dcrf::runtime& within);

} // namespace chat
