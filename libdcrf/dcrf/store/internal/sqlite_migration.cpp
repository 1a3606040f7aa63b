#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/sqlite_backend.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

namespace {

// What the columns don't say would be lost with the old table.
void check_plain(connection& sql, const std::string& table) {
  value name = table;
  sql.each("SELECT upper(sql) FROM sqlite_schema WHERE type = 'table' AND name = :p1", {&name, 1},
           [&](const statement& x) {
             for (std::string_view word :
                  {" CHECK (", " CHECK(", " COLLATE ", " GENERATED ", " AS ("}) {
               if (x.text(0).find(word) != std::string_view::npos) {
                 throw store_failure(
                     store_errc::failed,
                     fmt::format("the table \"{}\" can't be written anew without losing what it "
                                 "says with {}: do it in a step of your own",
                                 table, word));
               }
             }
           });
}

// Indexes and triggers, which go with the old table.
std::vector<std::string> companions_of(connection& sql, const std::string& table) {
  std::vector<std::string> result;
  value name = table;
  sql.each("SELECT sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND tbl_name = :p1 "
           "AND sql IS NOT NULL",
           {&name, 1}, [&](const statement& x) { result.emplace_back(x.text(0)); });
  return result;
}

// A column of the old table, in a form that a strict one takes.
column_spec strict(column_spec x) {
  std::array<std::string_view, 5> known{"INTEGER", "TEXT", "REAL", "BLOB", "ANY"};
  if (std::ranges::find(known, x.type) == known.end()) {
    x.type = "ANY";
  }
  if (!x.initial.empty()) {
    x.initial = "(" + x.initial + ")";
  }
  return x;
}

table_spec new_table(const table_info& found, const column_spec& wanted) {
  table_spec result{found.spec.name + "__new", {}};
  for (const auto& column : found.spec.columns) {
    result.columns.push_back(column.name == wanted.name ? wanted : strict(column));
  }
  return result;
}

void copy_rows(connection& sql, const table_info& found, const std::string& to,
               const column_spec& wanted, const std::string& expression) {
  std::string columns;
  std::string values;
  for (const auto& column : found.spec.columns) {
    const auto* separator = columns.empty() ? "" : ", ";
    auto name = quoted_name(column.name);
    columns += separator + name;
    auto is_changed = column.name == wanted.name && !expression.empty();
    values += separator + (is_changed ? "(" + expression + ")" : name);
  }
  sql.execute(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", quoted_name(to), columns, values,
                          quoted_name(found.spec.name)));
}

// A key that was used is never used again, though its row may be gone.
void keep_counter(connection& sql, const std::string& from, const std::string& to) {
  value target = to;
  sql.execute("DELETE FROM sqlite_sequence WHERE name = :p1", {&target, 1});
  std::array<value, 2> parameters{to, from};
  sql.execute("INSERT INTO sqlite_sequence (name, seq) SELECT :p1, seq FROM sqlite_sequence "
              "WHERE name = :p2",
              parameters);
}

} // namespace

// SQLite changes no column, so the rows go into a new table that takes the name of the old one.
void sqlite_backend::change_column(connection& sql, const table_info& found,
                                   const column_spec& wanted, const std::string& expression) {
  const auto& name = found.spec.name;
  check_plain(sql, name);
  auto table = new_table(found, wanted);
  auto again = companions_of(sql, name);
  auto converted = expression.empty() ? decimal_conversion(sql, name, wanted) : expression;
  sql.execute(create_table_sql(table, language()));
  copy_rows(sql, found, table.name, wanted, converted);
  if (std::ranges::any_of(table.columns, &column_spec::is_counted)) {
    keep_counter(sql, name, table.name);
  }
  sql.execute("DROP TABLE " + quoted_name(name));
  sql.execute(
      fmt::format("ALTER TABLE {} RENAME TO {}", quoted_name(table.name), quoted_name(name)));
  for (const auto& statement : again) {
    sql.execute(statement);
  }
  forget_decimal(sql, name, wanted.name);
}

// They are not enforced while the tables change.
void sqlite_backend::check_references(connection& sql) {
  sql.each("SELECT \"table\", \"parent\" FROM pragma_foreign_key_check LIMIT 1", {},
           [](const statement& x) {
             throw sql_error(sql_errc::foreign_key,
                             fmt::format("a row of the table \"{}\" refers to a row of \"{}\" that "
                                         "is not there",
                                         x.text(0), x.text(1)));
           });
}

} // namespace dcrf::internal
