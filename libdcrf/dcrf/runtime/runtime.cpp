#include "dcrf/runtime/runtime.hpp"

#include "dcrf/protocol/errors.hpp"

#include <memory>
#include <stdexcept>

namespace dcrf {

task<> runtime::begin() const {
  begin_command x;
  co_await open(std::move(x));
}

// What was kept, if it was done before.
task<std::optional<std::string>> runtime::begin_once(once_claim x) const {
  auto* running = context_->current();
  if (running != nullptr && running->transaction != 0) {
    throw std::logic_error("what is done once is a transaction of its own");
  }
  begin_command begin;
  begin.once = x;
  auto before = co_await open(std::move(begin));
  if (!before) {
    co_return std::nullopt;
  }
  if (before->content != x.content) {
    throw api_exception(409, "This `once` was used for something else.");
  }
  if (running->notes != nullptr) {
    running->notes->has_written = true;
  }
  co_return before->reply;
}

task<once_result_ptr> runtime::open(begin_command x) const {
  auto* running = context_->current();
  if (running == nullptr) {
    throw std::logic_error("a transaction needs an action or a handler that it belongs to");
  }
  command begin;
  begin.body = std::move(x);
  store_call call{*context_, std::move(begin)};
  auto result = co_await call;
  if (!result.done_before) {
    running->transaction = result.transaction;
    ++running->depth;
  }
  co_return result.done_before;
}

task<> runtime::end(bool commit, std::string reply) const {
  auto* running = context_->current();
  command end;
  end.transaction = running->transaction;
  if (--running->depth == 0) {
    running->transaction = 0;
  }
  if (commit) {
    end.body = commit_command{.reply = std::move(reply)};
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
