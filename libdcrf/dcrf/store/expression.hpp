#pragma once

#include "dcrf/model/value.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dcrf {

/// A number computed from the columns of a row as it is at the moment it is written: Django's `F`.
/// What is null makes the whole of it null.
struct expression {
  enum class node : std::uint8_t { constant, column, sum, difference, product };

  node kind = node::constant;
  value constant{};
  /// The column, by its index in the fields of the row's model.
  std::size_t field = 0;
  /// The two sides of all others.
  std::vector<expression> sides{};

  friend bool operator==(const expression&, const expression&) = default;
};

} // namespace dcrf
