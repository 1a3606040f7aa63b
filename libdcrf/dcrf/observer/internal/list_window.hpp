#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/groups/live_list.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/row.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcrf::internal {

/// A row of a list that is watched.
struct listed_row {
  value key{};
  /// As it is shown, if it looks the same to everybody; else null.
  std::shared_ptr<const std::string> text{};
  /// What it is shown from; null if there is a text.
  std::shared_ptr<const row> shown{};
};

/// Whether two rows look the same.
[[nodiscard]] bool looks_same(const listed_row& x, const listed_row& y);

/// The memory that a row of a list takes, in bytes, with the nodes of tables that know it.
[[nodiscard]] std::size_t memory_of(const listed_row& x);

/// What happens to one row on the way from one list to another. Steps are applied in order:
/// `create` inserts at the index, `remove` takes away what is there, `update` takes the row away
/// and inserts it at the index.
struct window_step {
  change_kind kind = change_kind::update;
  std::size_t index = 0;
  /// The row as it is; of one that is removed, as it was.
  const listed_row* of = nullptr;
};

/// The way from one list to another, which is short: rows that only give way to others aren't in
/// it.
/// @param from, to outlive the steps; no list has a key twice
[[nodiscard]] std::vector<window_step> steps_between(const std::vector<listed_row>& from,
                                                     const std::vector<listed_row>& to);

} // namespace dcrf::internal
