#pragma once

#include "dcrf/store/internal/table_spec.hpp"

#include <string>
#include <vector>

namespace dcrf::internal {

/// An index of a table, over one column. Those over several, and partial ones, are not listed.
struct index_info {
  std::string name;
  std::string column;
  bool is_unique;
};

/// A table as it is in the database.
struct table_info {
  table_spec spec;
  std::vector<index_info> indexes;
};

} // namespace dcrf::internal
