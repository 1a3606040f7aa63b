#include "dcrf/actors/net/internal/deadline.hpp"

namespace dcrf::internal {

struct deadlines::queue {
  boost::intrusive::list<deadline, boost::intrusive::constant_time_size<false>> waiting;
  timer_handle timer;
};

deadlines::deadlines(io_thread& thread) : thread_(thread) {}

deadlines::~deadlines() = default;

void deadlines::set(deadline& x, std::chrono::nanoseconds delay) {
  auto& to = queues_[delay];
  if (!to) {
    to = std::make_unique<queue>();
  }
  x.time_ = clock::now() + delay;
  to->waiting.push_back(x);
  if (!to->timer.is_pending()) {
    watch(*to);
  }
}

void deadlines::watch(queue& x) {
  x.timer = thread_.after(x.waiting.front().time_ - clock::now(), [this, &x] { expire(x); });
}

void deadlines::expire(queue& x) {
  auto now = clock::now();
  while (!x.waiting.empty() && x.waiting.front().time_ <= now) {
    auto& first = x.waiting.front();
    first.unlink();
    std::exchange(first.due_, nullptr)();
  }
  // What was called may have set others, and so have started the timer again.
  if (!x.waiting.empty() && !x.timer.is_pending()) {
    watch(x);
  }
}

} // namespace dcrf::internal
