#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "errors.hpp"

namespace load {

/// Which events of its group a subscriber has got, by their number within the group.
class received_events {
public:
  /// Counts an event that came twice, or after a later one, as an error.
  /// @returns Whether it came for the first time.
  bool add(std::uint64_t number) {
    auto word = std::size_t(number / 64);
    if (seen_.size() <= word) {
      seen_.resize(std::max(word + 1, seen_.size() * 2));
    }
    auto bit = std::uint64_t(1) << (number % 64);
    if (seen_[word] & bit) {
      ++errors.duplicates;
      return false;
    }
    seen_[word] |= bit;
    if (number < next_) {
      ++errors.out_of_order;
    } else {
      next_ = number + 1;
    }
    return true;
  }

private:
  std::vector<std::uint64_t> seen_;
  std::uint64_t next_ = 0;
};

} // namespace load
