#include "dcrf/session/internal/live_delivery.hpp"

#include "dcrf/protocol/internal/live_member.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/session/internal/live_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
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

std::shared_ptr<const std::string> missed_head() {
  static const auto result = std::make_shared<const std::string>(
      envelope_head("[]", R"({"node":null})", R"("missed")", 205));
  return result;
}

bool is_read(const live_subscription& x) noexcept {
  return std::ranges::any_of(
      x.groups, [](const group_name& group) { return group.observer->reading != nullptr; });
}

bool is_handled(const live_subscription& x) noexcept {
  return std::ranges::any_of(
      x.groups, [](const group_name& group) { return group.observer->handle != nullptr; });
}

std::size_t bytes_of(const std::vector<group_message_ptr>& whole) {
  std::size_t result = 0;
  for (const auto& message : whole) {
    result += message->text->str().size();
  }
  return result;
}

bool is_long(const std::vector<group_message_ptr>& whole) {
  return whole.size() > frames_at_once || (whole.size() > 1 && bytes_of(whole) > bytes_at_once);
}

} // namespace

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
    drop_commit();
    return true;
  }
  std::string at;
  std::vector<live_subscription_ptr> left;
  std::size_t sent = 0;
  for (auto& x : std::exchange(told_, {})) {
    if (x->whole.empty()) {
      continue;
    }
    if (is_long(x->whole) || ++sent > request_ids_per_turn || is_handled(*x)) {
      left.push_back(std::move(x));
      continue;
    }
    auto told = changes_of(*x);
    x->whole.clear();
    if (at.empty()) {
      at = internal::at_member(*position);
    }
    sender_->send_at_once(*x, std::move(told), at);
    x->reached = position;
  }
  told_ = std::move(left);
  return told_.empty();
}

void live_delivery::drop_commit() {
  for (const auto& x : std::exchange(told_, {})) {
    x->whole.clear();
    x->is_behind = true;
  }
}

task<> live_delivery::tell(feed_position_ptr position) {
  for (auto& x : std::exchange(told_, {})) {
    if (x->is_ended || x->whole.empty()) {
      continue;
    }
    if (is_read(*x)) {
      co_await tell_read(x);
    } else {
      auto told = changes_of(*x);
      x->whole.clear();
      co_await sender_->send_whole(x, std::move(told), position);
    }
  }
}

// Rows that are read when they are told of are all read as they are at one position, which is that
// of the frame: what had committed before it is not told again.
task<> live_delivery::tell_read(live_subscription_ptr to) {
  auto generation = to->generation;
  co_await sender_->prepare();
  auto question = sender_->question_of(*to);
  if (to->groups.size() > 1) {
    question.since = to->reached->text;
  }
  for (const auto& message : std::exchange(to->whole, {})) {
    question.keys.push_back(message->kind == change_kind::remove && message->live->key_before
                                ? *message->live->key_before
                                : message->key);
  }
  auto found = co_await sender_->ask(std::move(question));
  if (to->is_over(generation)) {
    co_return;
  }
  if (!found || found->result != replay::outcome::resumed) {
    to->is_behind = true;
    co_return;
  }
  co_await sender_->send_whole(to, *found);
}

void live_delivery::reach(const position_tick& x) {
  if (context_->is_congested()) {
    return;
  }
  for (const auto& [id, live] : live_->all()) {
    if (live->is_open() && !live->is_behind && live->whole.empty()
        && live->reached->order <= x.older_than && live->reached->order <= x.position->order) {
      live->reached = x.position;
      sender_->send_position(*live, internal::at_member(*x.position));
    }
  }
}

// -- catching up ----------------------------------------------------------------------------------

void live_delivery::fall_behind() {
  live_->fall_behind();
  told_.clear();
}

task<> live_delivery::catch_up() {
  for (const auto& x : live_->behind()) {
    co_await catch_up(x);
  }
}

task<> live_delivery::catch_up(live_subscription_ptr x) {
  auto generation = x->generation;
  for (auto pause = first_feed_pause; x->is_behind && !x->is_over(generation);) {
    if (context_->is_congested()) {
      drain_call draining{*context_};
      co_await draining;
    }
    co_await sender_->prepare();
    // What comes from now on waits for its turn, unless that becomes too much again.
    x->is_behind = false;
    auto question = sender_->question_of(*x);
    question.since = x->reached->text;
    auto found = co_await sender_->ask(std::move(question));
    if (x->is_over(generation)) {
      co_return;
    }
    if (!found || found->result == replay::outcome::failed) {
      x->is_behind = true;
      co_await runtime_->sleep(pause);
      pause = std::min(pause * 2, longest_feed_pause);
    } else if (found->result != replay::outcome::resumed) {
      tell_lost(*x, *found);
    } else {
      co_await sender_->send_whole(x, *found);
    }
  }
}

// The feed does not go back far enough, or has too much.
void live_delivery::tell_lost(live_subscription& x, const replay& found) {
  x.reached = found.cut;
  sender_->send(
      x, missed_head(),
      fmt::format(R"("reason":"{}",{})", reason_of(found.result), internal::at_member(*found.cut)));
}

} // namespace dcrf
