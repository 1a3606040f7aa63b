#pragma once

#include "dcrf/model/descriptor.hpp"
#include "dcrf/store/row.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace dcrf {

/// What a committed transaction did to one row.
struct change {
  /// The row as a plan shows it.
  struct loaded {
    const fetch_plan* plan = nullptr;
    dcrf::row row{};
  };

  /// Rows that a many-to-many relation has come to relate to the row, and such that it does no
  /// more: their keys.
  struct link_change {
    const relation_descriptor* relation = nullptr;
    bool reverse = false;
    std::vector<value> came{};
    std::vector<value> gone{};
  };

  const model_descriptor* model = nullptr;
  /// Whether it stands for so many rows of the model that none of them is told of.
  bool is_gap = false;
  /// The row before; empty if it was created.
  std::optional<record> before{};
  /// The row after; empty if it was deleted.
  std::optional<record> after{};
  /// What the row was when it was deleted, which another change of the same transaction may have
  /// made of it.
  record deleted{};
  /// A many-to-many relation of the row that changed, instead of the row itself.
  const relation_descriptor* relation = nullptr;
  /// Whether the row is at the target side of that relation, which matters where both sides are the
  /// same model.
  bool reverse = false;
  /// Grows with each change of the same row, over all transactions.
  std::uint64_t version = 0;
  /// The row with what plans load for it, as all of it was when the row changed last:
  /// `database::load_with_changes` says which.
  std::vector<loaded> shown{};
  /// What became of its relations, each once.
  std::vector<link_change> links{};
  /// All that its transaction deleted, of a row that was deleted and is shown after the commit: it
  /// may have referred to some of that.
  std::shared_ptr<const deleted_rows> deleted_together{};

  /// The row's last values, also when it was deleted.
  [[nodiscard]] const record& last() const { return after ? *after : deleted; }

  [[nodiscard]] const value& key() const { return model->key_of(last()); }
};

/// The changes of one transaction, with those of the same row made one, in the order in which the
/// rows changed first: from the row as it was before the transaction to the row as it is after. A
/// row that was created and deleted again is none. Changes of one relation of one row become one,
/// too. If the row itself changed, what became of its relations is a part of that change, which is
/// an event for everybody who watches them.
[[nodiscard]] std::vector<change> summed(std::vector<change> changes);

} // namespace dcrf
