#include "dcrf/session/internal/event_delivery.hpp"

#include "dcrf/runtime/session_budget.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace dcrf {

namespace {

using std::chrono::milliseconds;

// How long an event is tried again while the database is away: as a restart of PostgreSQL takes.
// The client's requests wait meanwhile, which could do nothing either.
constexpr std::chrono::seconds longest_trial{10};
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{1000};

// Whether the members of the group only send the message on to their clients.
bool is_only_sent(const group_message& x) noexcept {
  return x.target.observer != nullptr && x.target.observer->handle == nullptr && !x.is_loss;
}

// Whether the same may succeed later.
bool is_for_now(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const store_failure& e) {
    return e.error().code == store_errc::unavailable;
  } catch (const service_unavailable&) {
    return true;
  } catch (...) {
    return false;
  }
}

// Says of one event what a notice says of all that a node may have lost.
group_message_ptr notice_of(const group_message& lost) {
  auto result = std::make_shared<group_message>();
  result->target = lost.target;
  result->text = std::make_shared<event_text>(json_text::trusted(R"({"node":null})"));
  result->version = lost.version;
  result->is_loss = true;
  return result;
}

} // namespace

bool event_delivery::send_on(const group_message_ptr& message) {
  if (!is_only_sent(*message)) {
    return false;
  }
  const auto* to = subscriptions_->find(message->target);
  if (to != nullptr && to->named.size() > request_ids_per_turn) {
    return false;
  }
  if (to != nullptr) {
    send_some(to->named, message, 0);
  }
  return true;
}

// Returns the number of the first subscription that is left; 0 if none is.
std::uint64_t event_delivery::send_some(const subscriptions::by_group& to,
                                        const group_message_ptr& message, std::uint64_t from) {
  std::size_t sent = 0;
  for (auto it = from == 0 ? to.begin() : to.lower_bound(from); it != to.end(); ++it) {
    if (sent++ == request_ids_per_turn) {
      return it->number;
    }
    if (is_for(*it, *message)) {
      context_->send(std::shared_ptr<const std::string>{message->text, &message->text->str()},
                     it->request_id + '}');
    }
  }
  return 0;
}

task<> event_delivery::send_to_all(group_message_ptr message) {
  std::uint64_t next = 0;
  while (const auto* to = subscriptions_->find(message->target)) {
    next = send_some(to->named, message, next);
    if (next == 0) {
      co_return;
    }
    co_await runtime_->sleep(milliseconds{0});
    if (context_->is_congested()) {
      drain_call draining{*context_};
      co_await draining;
    }
  }
}

task<> event_delivery::deliver(group_message_ptr message) {
  return is_only_sent(*message) ? send_to_all(std::move(message)) : handle(std::move(message));
}

task<> event_delivery::handle(group_message_ptr message) {
  auto give_up = context_->now() + longest_trial;
  auto pause = first_pause;
  for (;;) {
    auto sent_before = sent_;
    std::exception_ptr error;
    try {
      co_await call(*message);
    } catch (...) {
      error = std::current_exception();
    }
    if (!error) {
      co_return;
    }
    // What was sent must not be sent twice.
    bool is_tried_again =
        is_for_now(error) && sent_ == sent_before && context_->now() + pause < give_up;
    if (!is_tried_again) {
      context_->log_failure("handling an event", error);
      auto notice = message->is_loss ? message : notice_of(*message);
      co_await tell_missed(notice);
      co_return;
    }
    co_await runtime_->sleep(pause);
    pause = std::min(pause * 2, longest_pause);
  }
}

task<> event_delivery::call(const group_message& message) {
  const auto* found = subscriptions_->find(message.target);
  if (found == nullptr) {
    co_return;
  }
  // A copy, since the handler may end the subscription that it is told of.
  auto request_ids = request_ids_of(*found, message);
  if (request_ids.empty() && !(found->nameless && is_for(*found->nameless, message))) {
    co_return;
  }
  const auto* observer = message.target.observer;
  observed event{message, request_ids};
  if (message.is_loss && (observer == nullptr || observer->make_up == nullptr)) {
    co_await consumer_->missed(message, request_ids);
  } else if (message.is_loss) {
    co_await observer->make_up(*consumer_, event);
  } else if (observer == nullptr) {
    co_await consumer_->received(message);
  } else {
    co_await observer->handle(*consumer_, event);
  }
}

// What the consumer itself can't say is said as by default, which needs nothing.
task<> event_delivery::tell_missed(group_message_ptr message) {
  const auto* found = subscriptions_->find(message->target);
  if (found == nullptr) {
    co_return;
  }
  auto request_ids = request_ids_of(*found, *message);
  std::exception_ptr error;
  try {
    co_await consumer_->missed(*message, request_ids);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    context_->log_failure("telling that an event is missed", error);
    co_await consumer_->consumer::missed(*message, request_ids);
  }
}

} // namespace dcrf
