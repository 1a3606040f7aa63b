#pragma once

#include "dcrf/store/internal/backend.hpp"
#include "dcrf/store/internal/table_spec.hpp"

#include <string>
#include <vector>

namespace dcrf::internal {

class connection;

/// Notes how many places the decimals of each column have, which the column itself, an integer,
/// does not say.
/// @throws store_failure if a column was written with other places than its model wants
void note_decimals(connection& sql, const std::vector<table_spec>& tables);

/// The expression that gives a column's decimals the places that its model wants; empty if they
/// have them.
[[nodiscard]] std::string decimal_conversion(connection& sql, const std::string& table,
                                             const column_spec& wanted);

/// A column, or a whole table, has another name.
void rename_decimals(connection& sql, const backend::new_name& x);

/// What is noted of a column is noted anew.
void forget_decimal(connection& sql, const std::string& table, const std::string& column);

} // namespace dcrf::internal
