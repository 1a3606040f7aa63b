#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/consumer/presence.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "chat/models.hpp"
#include "chat/people.hpp"

namespace chat {

/// The chat on one connection: rooms, their messages, and who is here. A connection is in one room
/// at most, and leaves it when it ends.
///
/// Who comes and goes is told in two ways. `join_room` sends everybody who is here, again after
/// each change; only where there are many of them in a moment, they are told together. `enter_room`
/// answers with the room and everybody in it, and sends only changes after that, those of a moment
/// together.
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

  /// The name of a room reaches those who have entered it.
  struct title_activity : dcrf::model_observer<room, title_serializer> {
    using groups = dcrf::by<&room::id>;
  };

  /// Every room reaches those who look at the list.
  struct room_activity : dcrf::model_observer<room, room_serializer> {
    static constexpr bool watches_relations = true;
  };

  /// Every room reaches those who watch the list, with how many are there instead of all names.
  struct list_activity : dcrf::model_observer<room, title_serializer> {
    static constexpr bool watches_relations = true;
    static dcrf::task<> handle(room_consumer& self, const dcrf::observed& event);
  };

  dcrf::task<> join_room(std::int64_t pk);
  dcrf::task<dcrf::response> enter_room(std::int64_t pk, dcrf::request& req);
  dcrf::task<> leave_room(std::int64_t pk);
  dcrf::task<dcrf::response> create_message(std::string text);
  /// A page of messages: the newest, or those next to a message that is named by its id.
  dcrf::task<dcrf::response> list_messages(std::int64_t room, std::optional<std::int64_t> before,
                                           std::optional<std::int64_t> after,
                                           std::optional<std::int64_t> limit);
  dcrf::task<dcrf::response> subscribe_to_messages_in_room(std::int64_t pk, dcrf::request& req);
  dcrf::response unsubscribe_from_messages_in_room(std::int64_t pk, dcrf::request& req);
  dcrf::task<dcrf::response> subscribe_to_rooms(dcrf::request& req);
  /// A page of rooms: the newest, or those that are older than one.
  dcrf::task<dcrf::response> list_rooms(std::optional<std::int64_t> before,
                                        std::optional<std::int64_t> limit);
  dcrf::task<dcrf::response> watch_rooms(dcrf::request& req);

  using actions =
      dcrf::actions<dcrf::action<&room_consumer::join_room, "pk">,
                    dcrf::action<&room_consumer::enter_room, "pk">,
                    dcrf::action<&room_consumer::leave_room, "pk">,
                    dcrf::action<&room_consumer::create_message, "message">,
                    dcrf::action<&room_consumer::list_messages, "room", "before", "after", "limit">,
                    dcrf::action<&room_consumer::subscribe_to_messages_in_room, "pk">,
                    dcrf::action<&room_consumer::unsubscribe_from_messages_in_room, "pk">,
                    dcrf::action<&room_consumer::subscribe_to_rooms>,
                    dcrf::action<&room_consumer::list_rooms, "before", "limit">,
                    dcrf::action<&room_consumer::watch_rooms>>;

  dcrf::task<> connected() override;
  dcrf::task<> disconnected(std::uint16_t code) override;

  /// Somebody comes or goes in the room, on whatever node; or the login of this connection ended.
  dcrf::task<> received(const dcrf::group_message& message) override;

protected:
  dcrf::query<room> queryset(const dcrf::request& req) const override;
  dcrf::task<> perform_create(dcrf::validated<room>& data, dcrf::request& req) override;

private:
  static constexpr std::size_t most_at_once = 8;

  struct room_change {
    std::string request_id;
    dcrf::change_kind kind;
    dcrf::json_text title;
  };

  dcrf::task<> enter(std::int64_t pk);
  void leave();
  void send_people(std::int64_t pk);

  void note_change(const dcrf::json& who, bool has_come);
  // Tells at once what has changed, and what changes meanwhile some time later.
  void tell_soon();
  dcrf::task<> tell();
  bool tell_changes();
  bool tell_people();
  bool tell_rooms();

  // The room that this connection is in, and the request that entered it; nothing for one that
  // joined.
  std::optional<std::int64_t> here_;
  std::optional<std::string> entered_by_;
  dcrf::presence_entry present_;

  // What is still to be told: who came, or went (null), by the user's id; rooms by theirs.
  std::map<std::int64_t, dcrf::json_text> people_changes_;
  std::map<std::int64_t, room_change> room_changes_;
  bool is_telling_ = false;
  // How often everybody may still be sent in this moment.
  std::size_t at_once_ = most_at_once;
};

} // namespace chat
