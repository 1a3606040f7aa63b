#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

namespace dcrf {

/// Bounds how many lines of one kind go to the log, which lies on a disk that clients must not
/// fill. From any thread.
class log_limit {
public:
  using clock = std::chrono::steady_clock;

  /// @param lines how many go out in each `period`
  log_limit(std::size_t lines, std::chrono::nanoseconds period) noexcept
      : lines_(lines), period_(period) {}

  /// Asks for one line.
  /// @returns how many were left out since the last one; nothing if this one is left out, too
  [[nodiscard]] std::optional<std::size_t> pass(clock::time_point now = clock::now());

private:
  std::mutex mutex_;
  const std::size_t lines_;
  const std::chrono::nanoseconds period_;
  std::optional<clock::time_point> begun_;
  std::size_t written_ = 0;
  std::size_t left_out_ = 0;
};

/// Tells sentences apart that were said already. Remembers 1,000 of them, then begins anew. From
/// any thread.
class said_before {
public:
  /// Whether it is said for the first time.
  bool is_new(const std::string& sentence);

private:
  std::mutex mutex_;
  std::unordered_set<std::string> known_;
};

} // namespace dcrf
