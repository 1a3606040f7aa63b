#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/sqlite_backend.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace dcrf::internal {

namespace {

std::string upper(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

// The kind of storage that a column with this declared type prefers, by SQLite's rules.
std::string affinity(std::string_view declared) {
  auto type = upper(declared);
  auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (has("INT")) {
    return "INTEGER";
  }
  if (has("CHAR") || has("CLOB") || has("TEXT")) {
    return "TEXT";
  }
  if (has("REAL") || has("FLOA") || has("DOUB")) {
    return "REAL";
  }
  return type;
}

std::string target_key(connection& sql, const std::string& table) {
  std::string result;
  value name = table;
  sql.each("SELECT name FROM pragma_table_info(:p1) WHERE pk = 1", {&name, 1},
           [&](const statement& x) { result = x.text(0); });
  return result;
}

void read_sqlite_columns(connection& sql, const value& table, table_spec& spec) {
  sql.each(
      "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(:p1) ORDER BY cid",
      {&table, 1}, [&](const statement& x) {
        column_spec column{std::string{x.text(0)}, affinity(x.text(1))};
        column.is_key = x.integer(4) != 0;
        column.is_nullable = x.integer(2) == 0 && !column.is_key;
        column.initial = x.text(3);
        spec.columns.push_back(std::move(column));
      });
}

void read_sqlite_references(connection& sql, const value& table, table_spec& spec) {
  sql.each("SELECT \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list(:p1)",
           {&table, 1}, [&](const statement& x) {
             std::string target{x.text(1)};
             auto to =
                 x.type(2) == storage::null ? target_key(sql, target) : std::string{x.text(2)};
             auto column = std::ranges::find(spec.columns, x.text(0), &column_spec::name);
             if (column != spec.columns.end()) {
               column->references.push_back({target, to, upper(x.text(3))});
             }
           });
}

void read_sqlite_indexes(connection& sql, const value& table, table_info& info) {
  sql.each("SELECT l.name, l.\"unique\", i.name FROM pragma_index_list(:p1) AS l "
           "JOIN pragma_index_info(l.name) AS i WHERE NOT l.partial "
           "AND (SELECT count(*) FROM pragma_index_info(l.name)) = 1",
           {&table, 1}, [&](const statement& x) {
             info.indexes.push_back(
                 {std::string{x.text(0)}, std::string{x.text(2)}, x.integer(1) != 0});
           });
  for (const auto& index : info.indexes) {
    auto column = std::ranges::find(info.spec.columns, index.column, &column_spec::name);
    if (column != info.spec.columns.end()) {
      column->has_index = true;
      column->is_unique = column->is_unique || (index.is_unique && !column->is_key);
    }
  }
}

void read_sqlite_joint_indexes(connection& sql, const value& table, table_info& info) {
  sql.each("SELECT l.name, i.name FROM pragma_index_list(:p1) AS l "
           "JOIN pragma_index_info(l.name) AS i WHERE l.\"unique\" AND NOT l.partial "
           "AND l.origin <> 'pk' AND (SELECT count(*) FROM pragma_index_info(l.name)) > 1 "
           "ORDER BY l.name, i.seqno",
           {&table, 1}, [&](const statement& x) { info.add_joint(x.text(0), x.text(1)); });
}

} // namespace

std::vector<std::string> sqlite_backend::table_names(connection& sql) {
  std::vector<std::string> result;
  sql.each("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
           "ESCAPE '\\' ORDER BY name",
           {}, [&](const statement& x) { result.emplace_back(x.text(0)); });
  return result;
}

std::optional<table_info> sqlite_backend::read_table(connection& sql, const std::string& name) {
  value table = name;
  std::optional<std::string> text;
  sql.each("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :p1", {&table, 1},
           [&](const statement& x) { text = upper(x.text(0)); });
  if (!text) {
    return std::nullopt;
  }
  table_info result{{name, {}}, {}};
  read_sqlite_columns(sql, table, result.spec);
  read_sqlite_references(sql, table, result.spec);
  read_sqlite_indexes(sql, table, result);
  read_sqlite_joint_indexes(sql, table, result);
  // Only the text of the table says this. The word is SQLite's own: a name would be in quotes.
  if (text->find("PRIMARY KEY AUTOINCREMENT") != std::string::npos) {
    std::ranges::for_each(result.spec.columns, [](column_spec& x) { x.is_counted = x.is_key; });
  }
  return result;
}

} // namespace dcrf::internal
