#pragma once

#include "dcrf/store/internal/table_spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// An index of a table, over one column. Partial ones are not listed.
struct index_info {
  std::string name;
  std::string column;
  bool is_unique;
};

/// A unique index of a table, over several columns. Partial ones are not listed.
struct joint_index_info {
  std::string name;
  std::vector<std::string> columns;
};

/// A table as it is in the database.
struct table_info {
  table_spec spec;
  std::vector<index_info> indexes;
  std::vector<joint_index_info> joint_indexes{};

  /// Adds the next column of the joint index of that name.
  void add_joint(std::string_view index, std::string_view column) {
    if (joint_indexes.empty() || joint_indexes.back().name != index) {
      joint_indexes.push_back({std::string{index}, {}});
    }
    joint_indexes.back().columns.emplace_back(column);
  }
};

} // namespace dcrf::internal
