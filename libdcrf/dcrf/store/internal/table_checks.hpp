#pragma once

#include "dcrf/store/internal/table_changes.hpp"
#include "dcrf/store/schema.hpp"

#include <string>
#include <vector>

namespace dcrf::internal {

/// What keeps the rows of a table as a check of its model says: an object of the database.
struct check_info {
  std::string name;
  /// What it was made from.
  std::string definition;
};

/// What is to be done for the tables to have the checks that the models declare, and none that they
/// declare no more.
/// @throws store_failure
[[nodiscard]] std::vector<table_change> missing_checks(connection& sql, const schema& models);

} // namespace dcrf::internal
