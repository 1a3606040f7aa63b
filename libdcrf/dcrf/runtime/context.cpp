#include "dcrf/runtime/context.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

context::~context() = default;

context_call* context::take_call(ticket answer) {
  auto found = std::ranges::lower_bound(calls_, answer, {}, &open_call::answer);
  if (found == calls_.end() || found->answer != answer) {
    return nullptr;
  }
  auto* result = found->call;
  calls_.erase(found);
  return result;
}

void context::finish(ticket answer, store_result result) {
  auto* found = take_call(answer);
  if (found == nullptr) {
    // Who wanted a transaction went away before it was opened.
    if (result.transaction != 0) {
      abandon(result.transaction);
    }
    return;
  }
  auto& waiting = *found;
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

context_call::~context_call() {
  if (ticket_ != 0 && !is_answered_) {
    context_->root_->take_call(ticket_);
    context_->root_->forget(ticket_);
  }
}

bool context_call::await_suspend(std::coroutine_handle<> awaiting) {
  awaiting_ = awaiting;
  activity_ = context_->current_;
  auto& root = *context_->root_;
  ticket_ = ++root.last_ticket_;
  root.calls_.push_back({ticket_, this});
  ask(ticket_);
  is_suspended_ = true;
  return !is_answered_;
}

store_result context_call::take() {
  if (result_.error) {
    throw store_failure(std::move(*result_.error));
  }
  return std::move(result_);
}

// What is written within a transaction has happened when that is committed.
void store_call::note_question() {
  bool is_commit = std::holds_alternative<commit_command>(command_.body);
  bool is_writing = is_write(command_);
  notes_->has_written = notes_->has_written || is_writing;
  counts_ = is_commit || (is_writing && command_.transaction == 0);
  command_.wants_cut = notes_->wants_cut && !is_writing && !is_commit
                       && !std::holds_alternative<count_command>(command_.body)
                       && !std::holds_alternative<aggregate_command>(command_.body)
                       && command_.transaction == 0;
}

store_result store_call::noted(store_result result) {
  if (notes_ != nullptr) {
    notes_->has_changed = notes_->has_changed || (counts_ && result.has_changed);
    // What an earlier read has not seen is told, whatever later ones have.
    notes_->cut = notes_->cut ? notes_->cut : result.cut;
  }
  return result;
}

void store_call::ask(ticket answer) {
  if (auto* running = where().current(); running != nullptr && command_.transaction == 0) {
    command_.transaction = running->transaction;
  }
  if (auto* running = where().current(); running != nullptr && running->notes != nullptr) {
    notes_ = running->notes;
    note_question();
  }
  if (command_.transaction == 0 && locks_rows(command_)) {
    answer_at_once({.error = store_error{store_errc::no_transaction,
                                         "rows are locked within a transaction only"}});
    return;
  }
  where().submit(std::move(command_), answer);
}

} // namespace dcrf
