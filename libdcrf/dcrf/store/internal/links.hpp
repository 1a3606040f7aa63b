#pragma once

#include "dcrf/store/internal/row_errors.hpp"
#include "dcrf/store/internal/store.hpp"

#include <optional>
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

/// What a command did to the links of a row: the keys of rows at the far side.
struct changed_links {
  std::vector<value> came{};
  std::vector<value> gone{};

  [[nodiscard]] std::vector<value> all() const;
};

/// Sets exactly these.
changed_links set_links(store& at, const relation_end& end, const value& own,
                        const std::vector<value>& keys);

/// Notes that the links of a row changed, and with them the rows at the far side that are named.
void note_links(store& at, const relation_end& end, record own, const std::vector<value>& far_keys,
                const changed_links& done);

/// Notes what a change of a row means for the relation whose link it is.
void note_link_row(store& at, const relation_descriptor& relation,
                   const std::optional<record>& before, const std::optional<record>& after);

} // namespace dcrf::internal
