#pragma once

#include "dcrf/store/internal/table_spec.hpp"

#include <vector>

namespace dcrf::internal {

class connection;

/// Notes how many places the decimals of each column have, which the column itself, an integer,
/// does not say.
/// @throws store_failure if a column was written with other places than its model wants
void note_decimals(connection& sql, const std::vector<table_spec>& tables);

} // namespace dcrf::internal
