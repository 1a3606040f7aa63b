#pragma once

#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/table_info.hpp"
#include "dcrf/store/migration.hpp"

#include <string>
#include <vector>

namespace dcrf::internal {

/// Takes the steps of the migrations that the table `dcrf_migration` does not name yet, and adds
/// these to it. If none of the models' tables is there, all count as taken.
/// @returns what was done, one sentence for each step
/// @throws store_failure, sql_error
std::vector<std::string> take_steps(connection& sql, const std::vector<table_spec>& tables,
                                    const std::vector<migration>& migrations);

} // namespace dcrf::internal
