#pragma once

#include "dcrf/store/internal/dialect.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace dcrf::internal {

/// How many rows one statement inserts at most where it takes their values one by one. With more,
/// each row costs hardly less.
inline constexpr std::size_t most_inserted_together = 16;

/// The statements that every model needs, written once.
struct table_sql {
  table_sql(const model_descriptor& model, const dialect& language);

  /// All fields of the model, by their indexes.
  std::vector<std::size_t> fields;
  std::string insert;
  /// Leaves the primary key to the database.
  std::string insert_counted;
  /// Inserts as many rows as 2 to the power of the index at once, with keys that are counted; or
  /// the first one any number, if the database takes arrays.
  std::vector<std::string> insert_together;
  std::string erase;
  /// For each field, the row with this value in it.
  std::vector<std::string> select_by;
  /// The same, for a transaction that will write: nobody else changes the row before its end.
  std::vector<std::string> lock_by;
  /// For each field, whether there is a row with this value in it.
  std::vector<std::string> exists_by;
  /// For each field, whether there is a row with this value in it that has another key.
  std::vector<std::string> exists_elsewhere;
  /// For each set of fields that are unique together, whether there is a row with these values, and
  /// whether one has another key.
  std::vector<std::string> exists_together;
  std::vector<std::string> exists_together_elsewhere;
};

/// Sets fields of the row with the key that is bound last; none, to have the row noted as it is.
[[nodiscard]] std::string update_sql(const model_descriptor& model,
                                     std::span<const std::size_t> fields, const dialect& language);

/// The statements over a link table, as seen from one of its sides.
struct link_sql {
  link_sql(const relation_descriptor& relation, bool reverse, const dialect& language);

  /// The keys at the far side.
  std::string select;

  // Of a table of its own; both return the keys at the far side that came or went.

  std::string add;
  /// Removes those in an array.
  std::string remove;

  // Of the table of a model.

  std::string exists;
  /// The rows of those in an array.
  std::string rows;
};

} // namespace dcrf::internal
