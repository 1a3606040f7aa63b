#pragma once

#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace dcrf::cluster {

/// How long another node is waited for: longer than a transaction may keep others waiting
/// (command_queue::limits).
inline constexpr std::chrono::seconds answer_timeout{15};

/// What another node was asked and has not answered yet. Used on one thread.
template <class Call>
class open_calls {
public:
  /// @param late is given what was not answered in time
  open_calls(io_thread& thread, std::function<void(Call)> late,
             std::chrono::milliseconds timeout = answer_timeout)
      : thread_(&thread), late_(std::move(late)), timeout_(timeout) {}

  /// @returns the number that the answer will name
  std::uint64_t add(Call x) {
    calls_.emplace(++last_, waiting{std::move(x), clock::now() + timeout_});
    watch();
    return last_;
  }

  /// Nothing if the answer comes too late.
  std::optional<Call> take(std::uint64_t number) {
    auto found = calls_.extract(number);
    return found ? std::optional<Call>{std::move(found.mapped().call)} : std::nullopt;
  }

  /// Null if it has been answered, or too late.
  Call* find(std::uint64_t number) {
    auto found = calls_.find(number);
    return found == calls_.end() ? nullptr : &found->second.call;
  }

  std::vector<Call> take_all() {
    std::vector<Call> result;
    for (auto& [number, x] : std::exchange(calls_, {})) {
      result.push_back(std::move(x.call));
    }
    return result;
  }

  void stop() { watch_.cancel(); }

private:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::milliseconds watch_interval{250};

  struct waiting {
    Call call;
    clock::time_point deadline;
  };

  void watch() {
    if (calls_.empty() || watch_.is_pending()) {
      return;
    }
    watch_ = thread_->after(watch_interval, [this] {
      auto now = clock::now();
      while (!calls_.empty() && calls_.begin()->second.deadline <= now) {
        late_(std::move(calls_.extract(calls_.begin()).mapped().call));
      }
      watch();
    });
  }

  io_thread* thread_;
  std::function<void(Call)> late_;
  std::chrono::milliseconds timeout_;
  std::uint64_t last_ = 0;
  // By their numbers, and so in the order of their deadlines.
  std::map<std::uint64_t, waiting> calls_;
  timer_handle watch_;
};

} // namespace dcrf::cluster
