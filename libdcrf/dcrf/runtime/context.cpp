#include "dcrf/runtime/context.hpp"

namespace dcrf {

context::~context() = default;

void context::finish(ticket answer, store_result result) {
  auto found = waits_.find(answer);
  if (found == waits_.end()) {
    // Who wanted a transaction went away before it was opened.
    if (result.transaction != 0) {
      abandon(result.transaction);
    }
    return;
  }
  auto& waiting = *found->second;
  waits_.erase(found);
  waiting.result_ = std::move(result);
  waiting.is_answered_ = true;
  if (!waiting.is_suspended_) {
    return;
  }
  auto& where = waiting.where();
  const auto* activity = waiting.activity_;
  auto* outer = std::exchange(where.current_, waiting.activity_);
  waiting.awaiting_.resume();
  where.current_ = outer;
  if (where.on_resumed_) {
    where.on_resumed_(activity);
  }
}

wait::~wait() {
  if (ticket_ != 0 && !is_answered_) {
    context_->root_->waits_.erase(ticket_);
    context_->root_->forget(ticket_);
  }
}

bool wait::await_suspend(std::coroutine_handle<> awaiting) {
  awaiting_ = awaiting;
  activity_ = context_->current_;
  auto& root = *context_->root_;
  ticket_ = ++root.last_ticket_;
  root.waits_.emplace_hint(root.waits_.end(), ticket_, this);
  ask(ticket_);
  is_suspended_ = true;
  return !is_answered_;
}

store_result wait::take() {
  if (result_.error) {
    throw store_failure(std::move(*result_.error));
  }
  return std::move(result_);
}

void store_call::ask(ticket answer) {
  if (auto* running = where().current(); running != nullptr && command_.transaction == 0) {
    command_.transaction = running->transaction;
  }
  where().submit(std::move(command_), answer);
}

} // namespace dcrf
