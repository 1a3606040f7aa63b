#include "dcrf/runtime/runtime.hpp"

#include <memory>
#include <stdexcept>

namespace dcrf {

task<> runtime::begin() const {
  auto* running = context_->current();
  if (running == nullptr) {
    throw std::logic_error("a transaction needs an action or a handler that it belongs to");
  }
  command begin;
  begin.body = begin_command{};
  store_call call{*context_, std::move(begin)};
  running->transaction = (co_await call).transaction;
  ++running->depth;
}

task<> runtime::end(bool commit) const {
  auto* running = context_->current();
  command end;
  end.transaction = running->transaction;
  if (--running->depth == 0) {
    running->transaction = 0;
  }
  if (commit) {
    end.body = commit_command{};
  } else {
    end.body = rollback_command{};
  }
  store_call call{*context_, std::move(end)};
  try {
    co_await call;
  } catch (const store_failure&) {
    // What can't be rolled back is gone already.
    if (commit) {
      throw;
    }
  }
}

void runtime::send_to_user(const key& user, json_text message) const {
  group_send(user_group(user), std::move(message));
}

void runtime::group_send(std::string name, json_text message) const {
  auto result = std::make_shared<group_message>();
  result->target.key = std::move(name);
  result->text = std::make_shared<event_text>(std::move(message));
  context_->channels().publish(std::move(result));
}

} // namespace dcrf
