#pragma once

#include "dcrf/store/query.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dcrf {

/// What to load with each row of a model: Django's select_related and prefetch_related. Loaded in
/// bulk, with one query for each fetch, not one for each row.
struct fetch {
  enum class side : std::uint8_t {
    /// The row that the foreign key `field` of the model refers to: one or none.
    foreign_key,
    /// The rows of `model` whose foreign key `field` refers to the row.
    referrers,
    /// The rows at the far side of `relation`.
    targets,
    /// The rows of the relation's own side that have the row at their far side.
    sources,
  };

  side kind = side::foreign_key;
  /// The model of the rows to load.
  const model_descriptor* model = nullptr;
  std::size_t field = 0;
  const relation_descriptor* relation = nullptr;
  /// Whether the primary keys are enough: rows then hold one value.
  bool keys_only = false;
  /// Which of them, for each row; by primary key unless said otherwise.
  std::vector<ordering> order_by{};
  std::optional<std::int64_t> limit{};
  /// Instead of the rows, what they come to: one value for each row, by a path within `model`.
  std::optional<aggregate> summary{};
  /// What to load with these.
  std::vector<fetch> nested{};
};

using fetch_plan = std::vector<fetch>;

/// A row and what was loaded with it.
struct row {
  record values;
  /// For each fetch of the plan, in its order, the rows found.
  std::vector<std::vector<row>> related{};
};

/// A row that is there no more.
struct deleted_row {
  const model_descriptor* model = nullptr;
  record values;
};

using deleted_rows = std::vector<deleted_row>;

} // namespace dcrf
