#include "chat/room_consumer.hpp"

#include "dcrf/json/json_writer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include "chat/accounts.hpp"
#include "chat/names.hpp"

namespace chat {

namespace {

constexpr std::int64_t default_page = 50;
constexpr std::int64_t longest_page = 200;
constexpr std::int64_t most_rooms_of_a_user = 100;

// Changes that follow each other more closely than this are told together.
constexpr std::chrono::milliseconds telling_interval{250};

// RFC 6455 leaves the codes from 4000 on to applications; this one is like HTTP's 401.
constexpr std::uint16_t login_has_ended = 4401;

std::int64_t page_size(const std::optional<std::int64_t>& asked) {
  return std::clamp(asked.value_or(default_page), std::int64_t{1}, longest_page);
}

} // namespace

dcrf::query<room> room_consumer::queryset(const dcrf::request& req) const {
  auto rows = dcrf::query<room>{}.order_by<&room::name>();
  return req.action() == "list" ? std::move(rows).slice(0, longest_page) : rows;
}

dcrf::task<> room_consumer::perform_create(dcrf::validated<room>& data, dcrf::request& req) {
  if (auto fault = fault_of_title(data.get<&room::name>())) {
    throw dcrf::validation_error("name", *fault);
  }
  auto own = dcrf::query<room>{}.filter(dcrf::column<&room::host> == req.user().pk);
  if (co_await repository<room>().count(own) >= most_rooms_of_a_user) {
    throw dcrf::validation_error(
        "name", fmt::format("Nobody can have more than {} rooms.", most_rooms_of_a_user));
  }
  data.set<&room::host>(req.user().pk);
}

// -- connecting -----------------------------------------------------------------------------------

dcrf::task<> room_consumer::connected() {
  if (auto hash = login_of(scope())) {
    co_await group_add(group_of_login(*hash));
    // It may have ended before this connection could learn of it.
    if (!co_await repository<login>().find(*hash)) {
      throw dcrf::permission_denied();
    }
  }
}

dcrf::task<> room_consumer::disconnected(std::uint16_t) {
  leave();
  return {};
}

// -- who is here ----------------------------------------------------------------------------------

dcrf::task<> room_consumer::join_room(std::int64_t pk) {
  co_await repository<room>().get(pk);
  entered_by_.reset();
  if (here_ == pk) {
    send_people(pk);
    co_return;
  }
  co_await enter(pk);
  if (!present_.is_first()) {
    // Nobody is told that somebody has come who was here already.
    send_people(pk);
  }
}

dcrf::task<dcrf::response> room_consumer::enter_room(std::int64_t pk, dcrf::request& req) {
  auto title = co_await serialize<title_serializer>(pk);
  co_await subscribe<title_activity>(req, pk);
  entered_by_ = req.id();
  if (here_ != pk) {
    co_await enter(pk);
  }
  std::string body;
  dcrf::json_writer writer{body};
  writer.begin_object().key("room").raw(title).key("people").begin_array();
  for (const auto& who : people_in(runtime(), pk).list()) {
    writer.raw(who);
  }
  writer.end_array().end_object();
  co_return dcrf::response::ok(dcrf::json_text::trusted(std::move(body)));
}

dcrf::task<> room_consumer::leave_room(std::int64_t pk) {
  co_await repository<room>().get(pk);
  if (here_ == pk) {
    leave();
  }
}

dcrf::task<> room_consumer::enter(std::int64_t pk) {
  leave();
  here_ = pk;
  auto people = people_in(runtime(), pk);
  co_await group_add(people.group());
  std::int64_t id = user().pk;
  auto who = dcrf::json{{"id", id}, {"username", user().username}};
  present_ = people.enter(who);
}

void room_consumer::leave() {
  if (here_) {
    group_discard(people_in(runtime(), *here_).group());
    unsubscribe_all<title_activity>(*here_);
    present_.leave();
    here_.reset();
    people_changes_.clear();
  }
}

void room_consumer::send_people(std::int64_t pk) {
  std::string frame;
  dcrf::json_writer writer{frame};
  writer.begin_object().key("usuarios").begin_array();
  for (const auto& who : people_in(runtime(), pk).list()) {
    writer.raw(who);
  }
  writer.end_array().end_object();
  send(dcrf::json_text::trusted(std::move(frame)));
}

dcrf::task<> room_consumer::received(const dcrf::group_message& message) {
  auto body = message.body().to_json();
  if (body.contains("logged_out")) {
    close(login_has_ended);
  } else if (here_ && people_in(runtime(), *here_).group() == message.target.key) {
    note_change(body.at("who"), body.at("event") == "join");
  }
  return {};
}

void room_consumer::note_change(const dcrf::json& who, bool has_come) {
  if (!entered_by_ && at_once_ > 0) {
    --at_once_;
    send_people(*here_);
  } else {
    people_changes_[who.at("id").get<std::int64_t>()] =
        has_come ? dcrf::json_text{who} : dcrf::json_text{};
  }
  tell_soon();
}

// -- telling what has changed ---------------------------------------------------------------------

void room_consumer::tell_soon() {
  if (!std::exchange(is_telling_, true)) {
    tell_people();
    tell_rooms();
    spawn(tell());
  }
}

dcrf::task<> room_consumer::tell() {
  do {
    co_await runtime().sleep(telling_interval);
  } while (tell_changes());
  is_telling_ = false;
}

bool room_consumer::tell_changes() {
  bool had_people = tell_people();
  bool had_rooms = tell_rooms();
  bool told_at_once = std::exchange(at_once_, most_at_once) < most_at_once;
  return had_people || had_rooms || told_at_once;
}

bool room_consumer::tell_people() {
  auto changes = std::exchange(people_changes_, {});
  if (changes.empty()) {
    return false;
  }
  if (!entered_by_) {
    send_people(*here_);
    return true;
  }
  auto came = dcrf::json::array();
  auto went = dcrf::json::array();
  for (const auto& [id, who] : changes) {
    if (who.is_null()) {
      went.push_back(id);
    } else {
      came.push_back(who.to_json());
    }
  }
  auto body = dcrf::json{{"came", std::move(came)}, {"went", std::move(went)}};
  reply(*entered_by_, R"("people")", dcrf::response::ok(body));
  return true;
}

bool room_consumer::tell_rooms() {
  auto changes = std::exchange(room_changes_, {});
  for (const auto& [pk, change] : changes) {
    auto body = change.title.to_json();
    if (change.kind != dcrf::change_kind::remove) {
      body["here"] = summary_of_people(runtime(), pk);
    }
    auto action = fmt::format("\"{}\"", dcrf::to_string(change.kind));
    reply(change.request_id, action, dcrf::response::ok(body));
  }
  return !changes.empty();
}

// -- the list of rooms ----------------------------------------------------------------------------

dcrf::task<> room_consumer::list_activity::handle(room_consumer& self,
                                                  const dcrf::observed& event) {
  auto title = event.message.body();
  auto pk = title.to_json().at("pk").get<std::int64_t>();
  for (const auto& id : event.request_ids) {
    self.room_changes_[pk] = {id, event.message.kind, title};
  }
  self.tell_soon();
  return {};
}

dcrf::task<dcrf::response> room_consumer::list_rooms(std::optional<std::int64_t> before,
                                                     std::optional<std::int64_t> limit) {
  auto rows = dcrf::query<room>{}.order_by_descending<&room::id>().slice(0, page_size(limit));
  if (before) {
    rows = std::move(rows).filter(dcrf::column<&room::id> < *before);
  }
  auto titles = co_await serialize<title_serializer>(rows);
  auto shown = titles.to_json();
  for (auto& x : shown) {
    x["here"] = summary_of_people(runtime(), x.at("pk").get<std::int64_t>());
  }
  co_return dcrf::response::ok(shown);
}

dcrf::task<dcrf::response> room_consumer::watch_rooms(dcrf::request& req) {
  co_await subscribe<list_activity>(req);
  co_return dcrf::response::created();
}

dcrf::task<dcrf::response> room_consumer::subscribe_to_rooms(dcrf::request& req) {
  co_await subscribe<room_activity>(req);
  co_return dcrf::response::created();
}

// -- messages -------------------------------------------------------------------------------------

dcrf::task<dcrf::response> room_consumer::create_message(std::string text) {
  if (!here_) {
    throw dcrf::validation_error("Join a room first.");
  }
  message draft{.room = *here_, .user = user().pk, .text = std::move(text)};
  co_return dcrf::response::created(co_await create<message_serializer>(draft));
}

dcrf::task<dcrf::response> room_consumer::list_messages(std::int64_t room,
                                                        std::optional<std::int64_t> before,
                                                        std::optional<std::int64_t> after,
                                                        std::optional<std::int64_t> limit) {
  auto rows = dcrf::query<message>{}.filter(dcrf::column<&message::room> == room);
  if (before) {
    rows = std::move(rows).filter(dcrf::column<&message::id> < *before);
  }
  if (after) {
    rows = std::move(rows).filter(dcrf::column<&message::id> > *after);
  }
  rows = after ? std::move(rows).order_by<&message::id>()
               : std::move(rows).order_by_descending<&message::id>();
  rows = std::move(rows).slice(0, page_size(limit));
  co_return dcrf::response::ok(co_await serialize<message_serializer>(rows));
}

dcrf::task<dcrf::response> room_consumer::subscribe_to_messages_in_room(std::int64_t pk,
                                                                        dcrf::request& req) {
  co_await subscribe<message_activity>(req, pk);
  co_return dcrf::response::created();
}

dcrf::response room_consumer::unsubscribe_from_messages_in_room(std::int64_t pk,
                                                                dcrf::request& req) {
  unsubscribe<message_activity>(req, pk);
  return dcrf::response::no_content();
}

} // namespace chat
