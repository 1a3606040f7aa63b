#pragma once

#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/store.hpp"

#include <optional>

/// Reads that are one query: they can be sent without a transaction, and among others.
namespace dcrf::internal {

[[nodiscard]] bool is_single_query(const command& x) noexcept;

/// The row of a lookup with a condition, as a selection.
/// @pre its key is not null
[[nodiscard]] selection selection_of(const lookup& x);

/// The query of such a read; empty if there can be no such row.
/// @throws store_failure
[[nodiscard]] std::optional<bound_sql> query_of(store& at, const command& x);

/// What a lookup that has found nothing is answered.
[[nodiscard]] store_error not_found(const model_descriptor& model);

/// Adds a row that the query has found to the answer.
void add_row(const store& at, const command& x, const found_row& found, store_result& to);

} // namespace dcrf::internal
