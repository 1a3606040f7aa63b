#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace dcrf {

/// A point in the history of one database: all that had committed before.
struct feed_position {
  /// Grows along the history, as this process sees it.
  std::uint64_t order = 0;
  /// Names the point for whoever comes back later, to any process that has the database open.
  std::string text{};
};

using feed_position_ptr = std::shared_ptr<const feed_position>;

} // namespace dcrf
