#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <utility>

namespace dcrf::internal {

/// What a test server has to do, now and later. Time stands still but for `advance`.
class test_loop {
public:
  using milliseconds = std::chrono::milliseconds;

  void post(std::function<void()> work) { ready_.push_back(std::move(work)); }
  void after(milliseconds delay, std::function<void()> work) {
    timers_.emplace(now_ + delay, std::move(work));
  }

  [[nodiscard]] milliseconds now() const noexcept { return now_; }

  /// Does the next thing that is to be done now; returns whether there was one.
  bool work() {
    if (ready_.empty()) {
      return false;
    }
    auto next = std::move(ready_.front());
    ready_.pop_front();
    next();
    return true;
  }

  /// Lets time jump to the next timer; returns whether there was one.
  bool advance() {
    if (timers_.empty()) {
      return false;
    }
    auto next = timers_.extract(timers_.begin());
    now_ = next.key();
    next.mapped()();
    return true;
  }

  void clear() {
    ready_.clear();
    timers_.clear();
  }

private:
  std::deque<std::function<void()>> ready_;
  milliseconds now_{0};
  std::multimap<milliseconds, std::function<void()>> timers_;
};

} // namespace dcrf::internal
