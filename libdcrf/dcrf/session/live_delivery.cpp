#include "dcrf/session/live_delivery.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

namespace dcrf {

namespace {

using std::chrono::milliseconds;

// What is told at once: beyond it a whole is sent as fast as the client takes it.
constexpr std::size_t frames_at_once = 32;
constexpr std::size_t bytes_at_once = std::size_t{64} * 1024;

// Between two attempts to read the feed while the database is away.
constexpr milliseconds first_feed_pause{100};
constexpr milliseconds longest_feed_pause{1000};

constexpr std::string_view more = R"("more":true)";

std::shared_ptr<const std::string> head_of(const event_text_ptr& x) { return {x, &x->str()}; }

std::shared_ptr<const std::string> position_head() {
  static const auto result =
      std::make_shared<const std::string>(envelope_head("[]", "null", R"("position")", 200));
  return result;
}

std::shared_ptr<const std::string> missed_head() {
  static const auto result = std::make_shared<const std::string>(
      envelope_head("[]", R"({"node":null})", R"("missed")", 205));
  return result;
}

// The changes of one commit: those of one row and one observer come to all groups of a
// subscription, and are told once.
struct told_change {
  const group_message* message;
  bool comes = false;
  bool goes = false;
};

std::vector<told_change> united(const std::vector<group_message_ptr>& whole) {
  std::vector<told_change> result;
  std::unordered_map<const live_event*, std::size_t> places;
  for (const auto& x : whole) {
    auto [place, is_new] = places.try_emplace(x->live.get(), result.size());
    if (is_new) {
      result.push_back({x.get()});
    }
    auto& change = result[place->second];
    change.comes = change.comes || x->kind != change_kind::remove;
    change.goes = change.goes || x->kind != change_kind::create;
  }
  return result;
}

struct text_of_kind {
  change_kind kind;
  event_text_ptr text;
};

// A row whose key changed goes under the old one, and comes under the new one.
std::vector<text_of_kind> texts_of(const told_change& x) {
  const auto& live = *x.message->live;
  if (x.goes && x.comes && !live.key_before) {
    return {{change_kind::update, live.update}};
  }
  std::vector<text_of_kind> result;
  if (x.goes) {
    result.push_back({change_kind::remove, live.remove});
  }
  if (x.comes) {
    result.push_back({change_kind::create, live.create});
  }
  return result;
}

// What a handler is told of a change, which may be another kind than that of one group.
group_message_ptr message_of(const group_message& from, const text_of_kind& x) {
  auto result = std::make_shared<group_message>(from);
  result->kind = x.kind;
  result->text = x.text;
  if (x.kind == change_kind::remove && from.live->key_before) {
    result->key = *from.live->key_before;
  }
  return result;
}

group_message_ptr message_of(const replayed_change& x) {
  auto result = std::make_shared<group_message>();
  result->target.observer = x.observer;
  result->kind = x.kind;
  result->key = x.key;
  result->values = x.values;
  result->text = x.text;
  return result;
}

} // namespace

// -- requests -------------------------------------------------------------------------------------

void live_delivery::check(const live_request& x) const {
  if (!context_->position()) {
    throw api_exception(501, "The database of this server keeps no feed, which live needs.");
  }
  if (x.of && !find(*x.of)) {
    throw validation_error("live", "`of` is the request id of a live subscription.");
  }
}

live_delivery::live_ptr live_delivery::find(const std::string& request_id) const {
  auto found = live_.find(request_id);
  return found == live_.end() ? nullptr : found->second;
}

std::shared_ptr<live_subscription>
live_delivery::subscribe(live_request& x, const group_name& group,
                         const std::optional<std::string>& request_id) {
  if (!request_id) {
    throw validation_error("request_id", "This field is required.");
  }
  if (group.observer->plan == nullptr) {
    throw validation_error("live", "This signal is not kept, so it has no positions.");
  }
  if (group.observer->group_plan != nullptr) {
    throw validation_error(
        "live", "The groups of this observer are made by other rows, of which no past is kept.");
  }
  auto result = find(*request_id);
  if (!result) {
    context_->budget().keep(holding_cost::live + request_id->size());
    ++context_->channels().live();
    context_->watch_positions(*member_);
    result = std::make_shared<live_subscription>(live_subscription{.request_id = *request_id});
    live_.emplace(*request_id, result);
  }
  if (x.subscribed != result) {
    x.subscribed = result;
    ++result->generation;
    result->reached = nullptr;
    result->is_behind = false;
    result->whole.clear();
  }
  if (std::ranges::find(result->groups, group) == result->groups.end()) {
    result->groups.push_back(group);
  }
  return result;
}

void live_delivery::subscribe_plainly(const std::string& request_id) {
  if (auto x = find(request_id)) {
    for (const auto& group : x->groups) {
      joined_->make_plain(group, request_id);
    }
    end(x);
  }
}

void live_delivery::abandon(const live_request& x) {
  if (auto y = x.subscribed; y && !y->is_ended) {
    for (const auto& group : std::exchange(y->groups, {})) {
      joined_->remove(group, y->request_id);
    }
    end(y);
  }
}

void live_delivery::left(const group_name& group, const std::optional<std::string>& request_id) {
  std::vector<live_ptr> concerned;
  for (const auto& [id, x] : live_) {
    if (!request_id || *request_id == id) {
      concerned.push_back(x);
    }
  }
  for (const auto& x : concerned) {
    std::erase(x->groups, group);
    if (x->groups.empty()) {
      end(x);
    }
  }
}

void live_delivery::end(const live_ptr& x) {
  x->is_ended = true;
  x->whole.clear();
  context_->budget().release(holding_cost::live + x->request_id.size());
  --context_->channels().live();
  live_.erase(x->request_id);
}

void live_delivery::clear() {
  while (!live_.empty()) {
    end(live_ptr{live_.begin()->second});
  }
  told_.clear();
}

task<std::optional<response>> live_delivery::answer(const request& req, live_request& x,
                                                    std::optional<response> reply) {
  x.at = x.notes.cut;
  if (x.of) {
    loaded(x);
  }
  if (x.subscribed && !x.subscribed->is_ended && x.since) {
    co_await resume(req, x, reply);
    co_return std::nullopt;
  }
  if (x.subscribed && !x.subscribed->is_ended) {
    x.subscribed->reached = context_->position();
    x.at = x.subscribed->reached;
  }
  if (x.answer().empty()) {
    co_return reply;
  }
  send_reply(req, x, reply);
  co_return std::nullopt;
}

void live_delivery::loaded(live_request& x) {
  auto to = find(*x.of);
  if (to && to->is_open() && x.at && x.at->order > to->reached->order) {
    to->reached = x.at;
    if (!to->whole.empty() && to->whole.front()->live->position->order <= x.at->order) {
      to->whole.clear();
    }
  }
}

void live_delivery::send_reply(const request& req, live_request& x,
                               const std::optional<response>& reply) {
  if (reply) {
    x.status = reply->status;
    auto head = envelope_head("[]", reply->data.str(), req.action_text(), reply->status);
    session_->send(head + req.id() + live_tail(x.answer()));
  } else if (x.subscribed) {
    send_position(*x.subscribed, x.answer());
  }
}

task<> live_delivery::resume(const request& req, live_request& x,
                             const std::optional<response>& reply) {
  auto to = x.subscribed;
  auto question = question_of(*to);
  question.since = *x.since;
  follow_call call{*context_, std::move(question)};
  auto found = co_await call;
  if (!found || found->result == replay::outcome::failed) {
    throw service_unavailable();
  }
  if (to->is_ended) {
    co_return;
  }
  x.resumed = found->result;
  auto told = tellings_of(*found);
  x.has_more = !told.empty();
  x.at = found->cut;
  if (told.empty()) {
    to->reached = found->cut;
  }
  send_reply(req, x, reply);
  if (!told.empty()) {
    co_await send_whole(to, std::move(told), found->cut);
  }
}

// -- what is told ---------------------------------------------------------------------------------

bool live_delivery::is_read(const live_subscription& x) noexcept {
  return std::ranges::any_of(
      x.groups, [](const group_name& group) { return group.observer->reading != nullptr; });
}

bool live_delivery::is_handled(const live_subscription& x) noexcept {
  return std::ranges::any_of(
      x.groups, [](const group_name& group) { return group.observer->handle != nullptr; });
}

replay_question live_delivery::question_of(const live_subscription& x) const {
  replay_question result{.groups = x.groups};
  for (const auto& group : x.groups) {
    if (group.observer->reading != nullptr) {
      result.reading = group.observer->reading(*consumer_);
    }
  }
  return result;
}

std::vector<live_delivery::telling> live_delivery::tellings_of(const live_subscription& x) const {
  std::vector<telling> result;
  for (const auto& change : united(x.whole)) {
    for (const auto& each : texts_of(change)) {
      if (change.message->target.observer->handle != nullptr) {
        result.push_back({nullptr, message_of(*change.message, each)});
      } else {
        result.push_back({head_of(each.text), nullptr});
      }
    }
  }
  return result;
}

std::vector<live_delivery::telling> live_delivery::tellings_of(const replay& x) const {
  std::vector<telling> result;
  for (const auto& change : x.changes) {
    if (change.observer->shown != nullptr) {
      if (auto head = change.observer->shown(*consumer_, change)) {
        result.push_back({std::move(head), nullptr});
      }
    } else if (change.observer->handle != nullptr) {
      result.push_back({nullptr, message_of(change)});
    } else {
      result.push_back({head_of(change.text), nullptr});
    }
  }
  return result;
}

void live_delivery::send(const live_subscription& x, std::shared_ptr<const std::string> head,
                         std::string_view members) {
  session_->send(std::move(head), x.request_id + live_tail(members));
}

void live_delivery::send_position(const live_subscription& x, std::string_view members) {
  send(x, position_head(), members);
}

// A whole that was begun is finished. What handlers send has no positions, so that a whole which
// ends with such an event needs a frame of its own to end it.
task<> live_delivery::send_whole(live_ptr to, std::vector<telling> told,
                                 feed_position_ptr position) {
  auto generation = to->generation;
  auto is_last_sent = !told.empty() && told.back().head != nullptr;
  for (std::size_t i = 0; i < told.size() && !is_over(*to, generation); ++i) {
    if (context_->is_congested()) {
      drain_call draining{*context_};
      co_await draining;
    }
    auto& x = told[i];
    if (x.handled) {
      co_await handle(to, x.handled, position);
    } else if (i + 1 < told.size()) {
      send(*to, std::move(x.head), more);
    } else {
      send(*to, std::move(x.head), at_member(*position));
    }
  }
  if (is_over(*to, generation)) {
    co_return;
  }
  to->reached = position;
  if (!is_last_sent) {
    send_position(*to, at_member(*position));
  }
}

task<> live_delivery::handle(live_ptr to, group_message_ptr message, feed_position_ptr position) {
  std::vector<std::string> request_ids{to->request_id};
  observed event{*message, request_ids, std::move(position)};
  std::exception_ptr error;
  try {
    co_await message->target.observer->handle(*consumer_, event);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    context_->log_failure("handling an event", error);
    co_await consumer_->missed(*message, request_ids);
  }
}

// -- commits --------------------------------------------------------------------------------------

void live_delivery::take(const subscriptions::membership& to, const group_message_ptr& message) {
  for (const auto& each : to.named) {
    if (!each.live) {
      continue;
    }
    auto& x = *each.live;
    if (message->is_loss || !x.is_open()) {
      x.is_behind = true;
    } else if (!x.is_behind && message->live && message->live->position->order > x.reached->order) {
      if (x.whole.empty()) {
        told_.push_back(each.live);
      }
      x.whole.push_back(message);
    }
  }
}

bool live_delivery::drops(const subscriptions::membership& to) noexcept {
  return to.is_only_live()
         && std::ranges::all_of(to.named, [](const auto& x) { return x.live->is_behind; });
}

bool live_delivery::end_commit(const feed_position_ptr& position) {
  if (told_.empty()) {
    return true;
  }
  if (context_->is_congested()) {
    for (const auto& x : std::exchange(told_, {})) {
      x->whole.clear();
      x->is_behind = true;
    }
    return true;
  }
  auto bytes = [](const live_subscription& x) {
    std::size_t result = 0;
    for (const auto& message : x.whole) {
      result += message->text->str().size();
    }
    return result;
  };
  std::string at;
  std::vector<live_ptr> left;
  std::size_t sent = 0;
  for (auto& x : std::exchange(told_, {})) {
    if (x->whole.empty()) {
      continue;
    }
    bool is_long =
        x->whole.size() > frames_at_once || (x->whole.size() > 1 && bytes(*x) > bytes_at_once);
    if (is_long || ++sent > request_ids_per_turn || is_handled(*x)) {
      left.push_back(std::move(x));
      continue;
    }
    auto told = tellings_of(*x);
    x->whole.clear();
    if (at.empty()) {
      at = at_member(*position);
    }
    for (std::size_t i = 0; i < told.size(); ++i) {
      send(*x, std::move(told[i].head), i + 1 < told.size() ? more : std::string_view{at});
    }
    x->reached = position;
  }
  told_ = std::move(left);
  return told_.empty();
}

task<> live_delivery::tell(feed_position_ptr position) {
  for (auto& x : std::exchange(told_, {})) {
    if (x->is_ended || x->whole.empty()) {
      continue;
    }
    if (is_read(*x)) {
      co_await tell_read(x);
    } else {
      auto told = tellings_of(*x);
      x->whole.clear();
      co_await send_whole(x, std::move(told), position);
    }
  }
}

// Rows that are read when they are told of are all read as they are at one position, which is that
// of the frame: what had committed before it is not told again.
task<> live_delivery::tell_read(live_ptr to) {
  auto generation = to->generation;
  auto question = question_of(*to);
  if (to->groups.size() > 1) {
    question.since = to->reached->text;
  }
  for (const auto& message : std::exchange(to->whole, {})) {
    question.keys.push_back(message->kind == change_kind::remove && message->live->key_before
                                ? *message->live->key_before
                                : message->key);
  }
  follow_call call{*context_, std::move(question)};
  auto found = co_await call;
  if (is_over(*to, generation)) {
    co_return;
  }
  if (!found || found->result != replay::outcome::resumed) {
    to->is_behind = true;
    co_return;
  }
  auto told = tellings_of(*found);
  if (told.empty()) {
    to->reached = found->cut;
  } else {
    co_await send_whole(to, std::move(told), found->cut);
  }
}

void live_delivery::reach(const position_tick& x) {
  if (context_->is_congested()) {
    return;
  }
  for (const auto& [id, live] : live_) {
    if (live->is_open() && !live->is_behind && live->whole.empty()
        && live->reached->order <= x.older_than && live->reached->order <= x.position->order) {
      live->reached = x.position;
      send_position(*live, at_member(*x.position));
    }
  }
}

// -- catching up ----------------------------------------------------------------------------------

void live_delivery::fall_behind() {
  for (const auto& [id, x] : live_) {
    if (x->is_open()) {
      x->whole.clear();
      x->is_behind = true;
    }
  }
  told_.clear();
}

bool live_delivery::has_behind() const noexcept {
  return std::ranges::any_of(
      live_, [](const auto& x) { return x.second->is_behind && x.second->is_open(); });
}

task<> live_delivery::catch_up() {
  std::vector<live_ptr> behind;
  for (const auto& [id, x] : live_) {
    if (x->is_behind && x->is_open()) {
      behind.push_back(x);
    }
  }
  for (const auto& x : behind) {
    co_await catch_up(x);
  }
}

task<> live_delivery::catch_up(live_ptr x) {
  auto generation = x->generation;
  for (auto pause = first_feed_pause; x->is_behind && !is_over(*x, generation);) {
    if (context_->is_congested()) {
      drain_call draining{*context_};
      co_await draining;
    }
    // What comes from now on waits for its turn, unless that becomes too much again.
    x->is_behind = false;
    auto question = question_of(*x);
    question.since = x->reached->text;
    follow_call call{*context_, std::move(question)};
    auto found = co_await call;
    if (is_over(*x, generation)) {
      co_return;
    }
    if (!found || found->result == replay::outcome::failed) {
      x->is_behind = true;
      co_await runtime_->sleep(pause);
      pause = std::min(pause * 2, longest_feed_pause);
      continue;
    }
    if (found->result != replay::outcome::resumed) {
      x->reached = found->cut;
      send(*x, missed_head(),
           fmt::format(R"("reason":"{}",{})", reason_of(found->result), at_member(*found->cut)));
      continue;
    }
    auto told = tellings_of(*found);
    if (told.empty()) {
      x->reached = found->cut;
    } else {
      co_await send_whole(x, std::move(told), found->cut);
    }
  }
}

} // namespace dcrf
