#pragma once

#include "dcrf/store/internal/row_errors.hpp"
#include "dcrf/store/internal/store.hpp"

#include <string_view>
#include <vector>

namespace dcrf::internal {

/// One row's side of a many-to-many relation.
struct relation_end {
  const relation_descriptor* relation;
  /// Whether the row is at the target side.
  bool reverse;

  [[nodiscard]] const model_descriptor& own() const {
    return reverse ? relation->target() : relation->source();
  }
  [[nodiscard]] const model_descriptor& far() const {
    return reverse ? relation->source() : relation->target();
  }
  [[nodiscard]] std::string_view name() const {
    return reverse ? relation->related_name : relation->name;
  }
};

/// Keys of rows at the far side, each once, in their first order. Those of the wrong type, and if
/// `must_exist` those without a row, become errors.
[[nodiscard]] std::vector<value> checked_keys(store& at, const relation_end& end,
                                              const std::vector<value>& keys, bool must_exist,
                                              row_errors& errors);

void add_links(store& at, const relation_end& end, const value& own,
               const std::vector<value>& keys);

/// Sets exactly these; returns those that came or went.
std::vector<value> set_links(store& at, const relation_end& end, const value& own,
                             const std::vector<value>& keys);

/// The far rows of a relation are changed with it: notes that for those named.
void note_far_rows(store& at, const relation_end& end, const std::vector<value>& keys);

} // namespace dcrf::internal
