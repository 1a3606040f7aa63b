#pragma once

#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/store.hpp"

#include <string>

/// What many rows come to, in SQL and out of it.
namespace dcrf::internal {

/// An aggregate as it is selected.
/// @throws store_failure if its path leads nowhere, or to what it can't be of
[[nodiscard]] std::string sql_of(const aggregate& x, select_builder& builder,
                                 const dialect& language);

/// The values of a selection's aggregates.
/// @throws store_failure as sql_of
[[nodiscard]] bound_sql select_aggregates(const dialect& language, const aggregate_command& x);

/// The values of the row at hand, of a query that `select_aggregates` made.
[[nodiscard]] record read_aggregates(const store& at, const found_row& from,
                                     const aggregate_command& x);

/// One value of the row at hand.
/// @throws store_failure if it is beyond what its type can hold
[[nodiscard]] value read_aggregate(const found_row& from, std::size_t column, const aggregate& x,
                                   const model_descriptor& model);

/// What no rows come to.
[[nodiscard]] value aggregate_of_none(const aggregate& x, const model_descriptor& model);

} // namespace dcrf::internal
