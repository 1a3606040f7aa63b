#pragma once

#include <cstdint>
#include <ctime>

namespace load {

/// The monotonic clock, in nanoseconds.
inline std::uint64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::uint64_t(time.tv_sec) * 1'000'000'000 + std::uint64_t(time.tv_nsec);
}

inline std::uint64_t nanoseconds(double seconds) { return std::uint64_t(seconds * 1e9); }

} // namespace load
