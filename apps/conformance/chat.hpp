#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "conformance/models.hpp"
#include "conformance/objects.hpp"

namespace conformance {

/// "DD-MM-YYYY hh:mm:ss", in UTC.
std::string format_created_at(const message& x);

struct message_serializer : dcrf::model_serializer<message> {
  using fields =
      dcrf::shown<dcrf::field<&message::id>, dcrf::nested<&message::room, room_serializer>,
                  dcrf::field<&message::text>, dcrf::nested<&message::user, user_serializer>,
                  dcrf::field<&message::created_at>,
                  dcrf::computed<"created_at_formatted", &format_created_at>>;
};

struct chat_room_serializer : dcrf::model_serializer<room> {
  using fields =
      dcrf::shown<dcrf::renamed<"pk", &room::id>, dcrf::field<&room::name>,
                  dcrf::nested<&room::host, user_serializer>,
                  dcrf::referrers<"messages", &message::room, message_serializer>,
                  dcrf::nested<&room::current_users, user_serializer>,
                  dcrf::referrers<"last_message", &message::room, message_serializer,
                                  dcrf::ordered_by_descending<&message::id>, dcrf::single>>;
};

/// The chat of the tutorial: rooms, and the messages in them. A connection is in one room at most,
/// and leaves it when it ends.
class chat_consumer : public dcrf::model_consumer<chat_consumer, room, chat_room_serializer,
                                                  dcrf::observe_instance> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;

  /// Sends one frame for a message, however often its client has subscribed to the room.
  struct message_activity : dcrf::model_observer<message, message_serializer> {
    using groups = dcrf::by<&message::room>;
    static dcrf::task<> handle(chat_consumer& self, const dcrf::observed& event);
  };

  // The key of a room may be a number or its text.
  dcrf::task<> join_room(dcrf::json_text key);
  dcrf::task<> leave_room(dcrf::json_text key);
  dcrf::task<> create_message(std::string text);
  dcrf::task<> subscribe_to_messages_in_room(dcrf::json_text pk, dcrf::request& req);
  void unsubscribe_from_messages_in_room(dcrf::json_text pk, dcrf::request& req);

  using actions =
      dcrf::actions<dcrf::action<&chat_consumer::join_room, "pk">,
                    dcrf::action<&chat_consumer::leave_room, "pk">,
                    dcrf::action<&chat_consumer::create_message, "message">,
                    dcrf::action<&chat_consumer::subscribe_to_messages_in_room, "pk">,
                    dcrf::action<&chat_consumer::unsubscribe_from_messages_in_room, "pk">>;

  dcrf::task<> disconnected(std::uint16_t code) override;

private:
  dcrf::task<> leave();
  dcrf::task<> tell_who_is_here(std::int64_t pk);

  std::optional<std::int64_t> here_;
};

} // namespace conformance
