#pragma once

#include "dcrf/store/internal/dialect.hpp"
#include "dcrf/store/schema.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcrf::internal {

/// What a foreign key says in SQL.
struct reference_spec {
  std::string table;
  std::string column;
  /// `CASCADE`, `SET NULL` or `NO ACTION`.
  std::string on_delete;

  friend bool operator==(const reference_spec&, const reference_spec&) = default;
};

struct column_spec {
  std::string name;
  /// As the dialect calls it.
  std::string type;
  bool is_nullable = false;
  bool is_key = false;
  /// Whether the database counts the key up and never uses it again.
  bool is_counted = false;
  bool has_index = false;
  bool is_unique = false;
  /// A literal; empty if there is none.
  std::string initial{};
  std::vector<reference_spec> references{};
  /// Of a decimal; only models say this.
  std::optional<std::uint8_t> places{};
  /// The member of a model, as code names it: `&author::name`.
  std::string member{};
};

/// A table as it should be, or as it is.
struct table_spec {
  std::string name;
  std::vector<column_spec> columns;
  /// Columns whose values no two rows have in common.
  std::vector<std::vector<std::string>> unique_together{};
  /// The struct of a model, as code names it.
  std::string model{};
  /// Of a link table, the name of the many-to-many relation.
  std::string relation{};

  [[nodiscard]] const column_spec* find(std::string_view column) const;
};

/// The tables of all models and of their many-to-many relations.
[[nodiscard]] std::vector<table_spec> tables_of(const schema& models, const dialect& language);

[[nodiscard]] std::string create_table_sql(const table_spec& table, const dialect& language);

/// `initial` is the literal for the rows that are there already; empty for null.
[[nodiscard]] std::string add_column_sql(const table_spec& table, const column_spec& column,
                                         const dialect& language, const std::string& initial);

/// The name of the index over a column.
[[nodiscard]] std::string index_name(const table_spec& table, const column_spec& column);
[[nodiscard]] std::string create_index_sql(const table_spec& table, const column_spec& column);

/// The name of the unique index over several columns.
[[nodiscard]] std::string index_name(const table_spec& table,
                                     const std::vector<std::string>& columns);
[[nodiscard]] std::string create_index_sql(const table_spec& table,
                                           const std::vector<std::string>& columns);

/// `"a", "b"`
[[nodiscard]] std::string quoted_list(const std::vector<std::string>& columns);

} // namespace dcrf::internal
