#include "chat/room_consumer.hpp"

#include "dcrf/consumer/serialize.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/serializer/clean.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace chat {

namespace {

constexpr std::int64_t default_page = 50;
constexpr std::int64_t longest_page = 200;

// Of the keys of presence.
constexpr std::string_view room_prefix = "room ";

std::string key_of(std::int64_t room) { return fmt::format("{}{}", room_prefix, room); }

std::optional<std::int64_t> room_of(std::string_view key) {
  std::int64_t result = 0;
  if (!key.starts_with(room_prefix)) {
    return std::nullopt;
  }
  key.remove_prefix(room_prefix.size());
  auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), result);
  bool is_number = error == std::errc{} && end == key.data() + key.size();
  return is_number ? std::optional{result} : std::nullopt;
}

} // namespace

dcrf::query<room> room_consumer::queryset(const dcrf::request&) const {
  return dcrf::query<room>{}.order_by<&room::name>();
}

dcrf::task<> room_consumer::perform_create(dcrf::validated<room>& data, dcrf::request& req) {
  data.set<&room::host>(req.user().pk);
  return {};
}

// -- who is here ----------------------------------------------------------------------------------

dcrf::task<> room_consumer::join_room(in_room args) {
  co_await repository<room>().get(args.pk);
  if (here_ == args.pk) {
    tell_who_is_here(args.pk);
    co_return;
  }
  leave();
  co_await enter(args.pk);
}

dcrf::task<> room_consumer::leave_room(in_room args) {
  co_await repository<room>().get(args.pk);
  if (here_ == args.pk) {
    leave();
  }
}

dcrf::task<> room_consumer::enter(std::int64_t pk) {
  here_ = pk;
  auto people = people_in(pk);
  co_await group_add(people.group());
  std::int64_t id = user().pk;
  auto who = dcrf::json{{"id", id}, {"username", user().username}};
  present_ = people.enter(who);
  if (!present_.is_first()) {
    // Nobody is told that somebody has come who was here already.
    tell_who_is_here(pk);
  }
}

dcrf::task<> room_consumer::disconnected() {
  leave();
  return {};
}

void room_consumer::leave() {
  if (here_) {
    group_discard(people_in(*here_).group());
    present_.leave();
    here_.reset();
  }
}

dcrf::presence room_consumer::people_in(std::int64_t room) const {
  return {runtime(), key_of(room)};
}

void room_consumer::tell_who_is_here(std::int64_t pk) {
  std::string frame;
  dcrf::json_writer writer{frame};
  writer.begin_object().key("usuarios").begin_array();
  for (const auto& who : people_in(pk).list()) {
    writer.raw(who);
  }
  writer.end_array().end_object();
  send(dcrf::json_text::trusted(std::move(frame)));
}

dcrf::task<> room_consumer::received(const dcrf::group_message&) {
  if (here_) {
    tell_who_is_here(*here_);
  }
  return {};
}

dcrf::task<> note_people(const dcrf::runtime& within, const std::string& key) {
  auto pk = room_of(key);
  if (!pk) {
    co_return;
  }
  auto named = dcrf::query<room>{}.filter(dcrf::column<&room::id> == *pk);
  if (!co_await within.repository<room>().exists(named)) {
    co_return;
  }
  auto noted = within.related<&room::current_users>(*pk);
  auto users = co_await noted.list();
  // After what may take its time: other nodes with this database note people, too, and would have
  // to undo what is written for somebody who has gone meanwhile.
  std::set<std::int64_t> present;
  for (const auto& who : dcrf::presence{within, key}.list()) {
    present.insert(who.to_json().at("id").get<std::int64_t>());
  }
  for (const auto& x : users) {
    if (present.erase(x.id) == 0) {
      co_await noted.remove(x.id);
    }
  }
  for (auto id : present) {
    co_await noted.add(id);
  }
}

dcrf::task<> note_all_people(const dcrf::runtime& within) {
  auto rooms = co_await within.repository<room>().list({});
  for (const auto& x : rooms) {
    auto key = key_of(x.id);
    co_await note_people(within, key);
  }
}

// -- messages -------------------------------------------------------------------------------------

dcrf::task<dcrf::response> room_consumer::create_message(new_message args) {
  if (!here_) {
    throw dcrf::validation_error("Join a room first.");
  }
  message draft{.room = *here_, .user = user().pk, .text = std::move(args.message)};
  dcrf::full_clean(draft);
  auto created = co_await repository<message>().create(draft);
  auto shown = co_await dcrf::serialize<message_serializer>(runtime(), created.id);
  co_return dcrf::response::created(std::move(shown));
}

dcrf::task<dcrf::response> room_consumer::list_messages(history args) {
  auto limit = std::clamp(args.limit.value_or(default_page), std::int64_t{1}, longest_page);
  auto rows = dcrf::query<message>{}
                  .filter(dcrf::column<&message::room> == args.room)
                  .order_by_descending<&message::id>()
                  .slice(0, limit);
  if (args.before) {
    rows = std::move(rows).filter(dcrf::column<&message::id> < *args.before);
  }
  auto shown = co_await dcrf::serialize<message_serializer>(runtime(), rows);
  co_return dcrf::response::ok(std::move(shown));
}

dcrf::task<dcrf::response> room_consumer::subscribe_to_messages_in_room(in_room args,
                                                                        dcrf::request& req) {
  co_await subscribe<message_activity>(req, args.pk);
  co_return dcrf::response::created();
}

dcrf::response room_consumer::unsubscribe_from_messages_in_room(in_room args, dcrf::request& req) {
  unsubscribe<message_activity>(req, args.pk);
  return dcrf::response::no_content();
}

dcrf::task<dcrf::response> room_consumer::subscribe_to_rooms(dcrf::request& req) {
  co_await subscribe<room_activity>(req);
  co_return dcrf::response::created();
}

} // namespace chat
