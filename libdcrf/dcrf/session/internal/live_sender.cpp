#include "dcrf/session/internal/live_sender.hpp"

#include "dcrf/protocol/internal/live_member.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/session/internal/live_request.hpp"

#include <cstddef>
#include <exception>
#include <utility>

namespace dcrf {

namespace {

constexpr std::string_view more_follows = R"("more":true)";

std::shared_ptr<const std::string> position_head() {
  static const auto result =
      std::make_shared<const std::string>(envelope_head("[]", "null", R"("position")", 200));
  return result;
}

} // namespace

void live_sender::send(const live_subscription& x, std::shared_ptr<const std::string> head,
                       std::string_view members) {
  session_->send(std::move(head), x.request_id + internal::live_tail(members));
}

void live_sender::send_position(const live_subscription& x, std::string_view members) {
  send(x, position_head(), members);
}

void live_sender::send_at_once(const live_subscription& x, std::vector<live_change> told,
                               std::string_view at) {
  for (std::size_t i = 0; i < told.size(); ++i) {
    send(x, std::move(told[i].head), i + 1 < told.size() ? more_follows : at);
  }
}

// A whole that was begun is finished. What handlers send has no positions, so that a whole which
// ends with such an event needs a frame of its own to end it.
task<> live_sender::send_whole(live_subscription_ptr to, std::vector<live_change> told,
                               feed_position_ptr position) {
  auto generation = to->generation;
  auto is_last_sent = told.empty() || told.back().head != nullptr;
  for (std::size_t i = 0; i < told.size() && !to->is_over(generation); ++i) {
    if (context_->is_congested()) {
      drain_call draining{*context_};
      co_await draining;
    }
    auto& x = told[i];
    if (x.handled) {
      co_await handle(to, x.handled, position);
    } else if (i + 1 < told.size()) {
      send(*to, std::move(x.head), more_follows);
    } else {
      send(*to, std::move(x.head), internal::at_member(*position));
    }
  }
  if (to->is_over(generation)) {
    co_return;
  }
  to->reached = position;
  if (!is_last_sent) {
    send_position(*to, internal::at_member(*position));
  }
}

task<> live_sender::handle(live_subscription_ptr to, group_message_ptr message,
                           feed_position_ptr position) {
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

task<> live_sender::prepare() {
  if (consumer_->descriptor().awaits()) {
    co_await consumer_->prepare_events();
  }
}

replay_question live_sender::question_of(const live_subscription& x) const {
  replay_question result{.groups = x.groups};
  for (const auto& group : x.groups) {
    if (group.observer->reading != nullptr) {
      result.reading = group.observer->reading(*consumer_);
    }
  }
  return result;
}

} // namespace dcrf
