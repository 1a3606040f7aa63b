#pragma once

#include <cstdint>

namespace load {

/// Numbers that need not be good, only cheap: xorshift.
class random_numbers {
public:
  void seed(std::uint64_t with) { state_ ^= with; }

  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

private:
  std::uint64_t state_ = 0x9E3779B97F4A7C15;
};

inline random_numbers chance;

} // namespace load
