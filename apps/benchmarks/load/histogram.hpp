#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

/// Counts values in 64 steps per power of two, so that percentiles are off by less than 1.6 %.
class histogram {
public:
  void add(std::uint64_t value) {
    ++counts_[step_of(value)];
    ++count_;
    sum_ += double(value);
    largest_ = std::max(largest_, value);
  }

  [[nodiscard]] std::uint64_t percentile(double part) const {
    if (count_ == 0) {
      return 0;
    }
    auto wanted = std::max<std::uint64_t>(1, std::uint64_t(part * double(count_) + 0.5));
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < counts_.size(); ++step) {
      seen += counts_[step];
      if (seen >= wanted) {
        return lowest_of(step);
      }
    }
    return largest_;
  }

  [[nodiscard]] double mean() const { return count_ == 0 ? 0 : sum_ / double(count_); }
  [[nodiscard]] std::uint64_t largest() const { return largest_; }

private:
  static constexpr std::size_t steps = 64;

  static std::size_t step_of(std::uint64_t value) {
    if (value < steps) {
      return value;
    }
    auto exponent = std::size_t(63 - std::countl_zero(value));
    return (exponent - 5) * steps + ((value >> (exponent - 6)) & (steps - 1));
  }

  static std::uint64_t lowest_of(std::size_t step) {
    if (step < steps) {
      return step;
    }
    auto exponent = step / steps + 5;
    return (std::uint64_t(1) << exponent) + (std::uint64_t(step % steps) << (exponent - 6));
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(64 * steps, 0);
  std::uint64_t count_ = 0;
  std::uint64_t largest_ = 0;
  double sum_ = 0;
};

} // namespace load
