#include "conformance/chat.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/read_input.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>

namespace conformance {

namespace {

std::string group_of(std::int64_t room) { return fmt::format("room {}", room); }

std::int64_t room_of(const dcrf::json_text& key) {
  dcrf::json_reader reader;
  auto pk = dcrf::read_key(dcrf::model_of<room>().key_field(), reader.read(key.str()));
  if (!pk) {
    throw dcrf::object_not_found();
  }
  return std::get<std::int64_t>(*pk);
}

} // namespace

std::string format_created_at(const message& x) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(x.created_at.time);
  return fmt::format("{:%d-%m-%Y %H:%M:%S}", seconds);
}

// -- who is here ----------------------------------------------------------------------------------

dcrf::task<> chat_consumer::join_room(dcrf::json_text key) {
  auto pk = room_of(key);
  co_await repository<room>().get(pk);
  if (here_ != pk) {
    co_await leave();
    co_await related<&room::current_users>(pk).add(user().pk);
    here_ = pk;
    co_await group_add(group_of(pk));
  }
  co_await tell_who_is_here(pk);
}

dcrf::task<> chat_consumer::leave_room(dcrf::json_text key) {
  auto pk = room_of(key);
  co_await repository<room>().get(pk);
  if (here_ == pk) {
    co_await leave();
  }
}

dcrf::task<> chat_consumer::disconnected(std::uint16_t) { return leave(); }

dcrf::task<> chat_consumer::leave() {
  if (!here_) {
    co_return;
  }
  auto left = *std::exchange(here_, std::nullopt);
  group_discard(group_of(left));
  if (!co_await repository<room>().find(left)) {
    co_return;
  }
  co_await related<&room::current_users>(left).remove(user().pk);
  co_await tell_who_is_here(left);
}

dcrf::task<> chat_consumer::tell_who_is_here(std::int64_t pk) {
  auto in_room =
      dcrf::query<conformance::user>{}.filter(dcrf::related_from<&room::current_users>(pk));
  auto users = co_await serialize<user_serializer>(in_room);
  group_send(group_of(pk), dcrf::json{{"usuarios", users.to_json()}});
}

// -- messages -------------------------------------------------------------------------------------

dcrf::task<> chat_consumer::create_message(std::string text) {
  if (!here_) {
    throw dcrf::validation_error("Join a room first.");
  }
  message draft{.room = *here_, .text = std::move(text), .user = user().pk};
  co_await repository<message>().create(draft);
}

dcrf::task<> chat_consumer::subscribe_to_messages_in_room(dcrf::json_text pk, dcrf::request& req) {
  return subscribe<message_activity>(req, room_of(pk));
}

void chat_consumer::unsubscribe_from_messages_in_room(dcrf::json_text pk, dcrf::request& req) {
  unsubscribe<message_activity>(req, room_of(pk));
}

dcrf::task<> chat_consumer::message_activity::handle(chat_consumer& self,
                                                     const dcrf::observed& event) {
  self.send(dcrf::json{{"data", event.message.body().to_json()},
                       {"action", dcrf::to_string(event.message.kind)},
                       {"pk", std::get<std::int64_t>(event.message.key)}});
  return {};
}

} // namespace conformance
