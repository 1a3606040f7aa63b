#include "chat/room_consumer.hpp"

#include "dcrf/consumer/serialize.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/serializer/clean.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace chat {

namespace {

constexpr std::int64_t default_page = 50;
constexpr std::int64_t longest_page = 200;

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
  if (here_ && here_->room == args.pk) {
    tell_who_is_here(args.pk);
    co_return;
  }
  co_await leave();
  co_await enter(args.pk);
}

dcrf::task<> room_consumer::leave_room(in_room args) {
  co_await repository<room>().get(args.pk);
  if (here_ && here_->room == args.pk) {
    co_await leave();
  }
}

dcrf::task<> room_consumer::disconnected() { return leave(); }

dcrf::task<> room_consumer::enter(std::int64_t pk) {
  auto arrive = [this, pk]() -> dcrf::task<> {
    visit arriving{.room = pk, .user = user().pk};
    here_ = co_await repository<visit>().create(arriving);
    co_await related<&room::current_users>(pk).add(user().pk);
  };
  co_await runtime().atomic(arrive);
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

// The user is here as long as another connection of theirs is.
dcrf::task<> room_consumer::leave() {
  if (!here_) {
    co_return;
  }
  auto left = *std::exchange(here_, std::nullopt);
  group_discard(people_in(left.room).group());
  present_.leave();
  auto depart = [this, &left]() -> dcrf::task<> {
    co_await repository<visit>().remove(left.id);
    auto others = dcrf::query<visit>{}.filter(dcrf::column<&visit::room> == left.room
                                              && dcrf::column<&visit::user> == left.user);
    if (!co_await repository<visit>().exists(others)) {
      co_await related<&room::current_users>(left.room).remove(left.user);
    }
  };
  co_await runtime().atomic(depart);
}

dcrf::presence room_consumer::people_in(std::int64_t room) const {
  return {runtime(), fmt::format("room {}", room)};
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
    tell_who_is_here(here_->room);
  }
  return {};
}

dcrf::task<> empty_rooms(const dcrf::runtime& within) {
  auto visits = co_await within.repository<visit>().list({});
  for (const auto& x : visits) {
    co_await within.repository<visit>().remove(x.id);
    co_await within.related<&room::current_users>(x.room).remove(x.user);
  }
}

// -- messages -------------------------------------------------------------------------------------

dcrf::task<dcrf::response> room_consumer::create_message(new_message args) {
  if (!here_) {
    throw dcrf::validation_error("Join a room first.");
  }
  message draft{.room = here_->room, .user = user().pk, .text = std::move(args.message)};
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
