#pragma once

#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/row_errors.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// What expressions come to, for a row that is locked, and in SQL.
namespace dcrf::internal {

/// What a field becomes, computed from a row as it is.
/// @param errors what DRF says of a result that is beyond the bounds of the field is added
/// @throws store_failure if the expression does not go with the model
[[nodiscard]] value compute(const model_descriptor& model, std::size_t field, const expression& x,
                            const record& row, row_errors& errors);

/// The expression in SQL. Its constants are added to `parameters`, which the statement has in this
/// order.
/// @throws store_failure if it does not go with the model
[[nodiscard]] std::string sql_of(const model_descriptor& model, std::size_t field,
                                 const expression& x, std::vector<value>& parameters);

/// Adds what DRF says of a number that is beyond the bounds of its field.
void check_bounds(const field_descriptor& field, const value& x, row_errors& errors);

} // namespace dcrf::internal
