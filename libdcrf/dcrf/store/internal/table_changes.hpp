#pragma once

#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <optional>
#include <string>
#include <vector>

namespace dcrf::internal {

/// One step of a migration.
struct table_change {
  /// What it does, in a sentence.
  std::string step;
  std::string sql;
  /// If a column becomes unique: a query for a value that is there more than once, and what to say
  /// of it.
  std::string duplicates{};
  std::string refusal{};
};

[[nodiscard]] std::vector<table_change> creation_of(connection& sql, const table_spec& wanted);

/// @throws store_failure if the table can't be brought to what is wanted without losing or guessing
///         data.
[[nodiscard]] std::vector<table_change> changes_between(connection& sql, const table_info& found,
                                                        const table_spec& wanted);

/// Looks whether a table that is to be created may be there under another name.
/// @param unknown tables that no model has
/// @throws store_failure if so, with the steps that would say what that one is
void check_no_new_name(const std::vector<table_info>& unknown, const table_spec& wanted);

/// @throws store_failure if the rows that are there stand against a step.
void check_possible(connection& sql, const table_change& x);

} // namespace dcrf::internal
