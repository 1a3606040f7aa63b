#include "dcrf/session/internal/turn_queue.hpp"

#include <cstddef>
#include <utility>

namespace dcrf {

namespace {

// How many actions of a consumer may wait for the answers to their last commands.
constexpr std::size_t max_pipelined = 64;

} // namespace

turn_queue::turn turn_queue::next(const runs& running) const {
  if (running.is_busy()) {
    return turn::none;
  }
  if (held_) {
    return may_start(*held_, running) ? turn::request : turn::none;
  }
  if (waiting_.empty()) {
    return turn::none;
  }
  if (std::holds_alternative<received_frame>(waiting_.front())) {
    return turn::frame;
  }
  // The event of a write comes after the reply to it, on whichever way it came here.
  if (!running.is_idle()) {
    return turn::none;
  }
  return std::holds_alternative<group_message_ptr>(waiting_.front()) ? turn::event : turn::mark;
}

// While others wait for the answer to their last command, another such action may come to its own:
// nobody can tell, since commands are executed, and replies sent, in the order of the requests. A
// burst of writes is then committed together.
bool turn_queue::may_start(const parsed_request& x, const runs& running) const {
  if (running.is_idle()) {
    return true;
  }
  return pipelines_ && x.action != nullptr && x.action->ends_with_command && !x.req->has_live()
         && running.awaiting_commit() < max_pipelined
         && budget_->may_hold_together(running.awaiting_bytes());
}

parsed_request turn_queue::take_request() { return *std::exchange(held_, std::nullopt); }

void turn_queue::clear() {
  held_.reset();
  waiting_.clear();
}

} // namespace dcrf
