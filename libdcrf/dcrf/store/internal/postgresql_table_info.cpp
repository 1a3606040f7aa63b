#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/postgresql_backend.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <algorithm>
#include <string>

namespace dcrf::internal {

namespace {

// Types that hold and give what others do.
std::string plain(std::string_view type) {
  if (type.starts_with("character varying")) {
    return "text";
  }
  return type == "jsonb" ? "json" : std::string{type};
}

void read_columns(connection& sql, const value& table, table_spec& spec) {
  sql.each("SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
           "coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity <> '', "
           "EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indrelid = a.attrelid AND i.indisprimary "
           "AND a.attnum = ANY (i.indkey)) "
           "FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d "
           "ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
           "WHERE a.attrelid = to_regclass(CAST(:p1 AS text)) AND a.attnum > 0 "
           "AND NOT a.attisdropped ORDER BY a.attnum",
           {&table, 1}, [&](const statement& x) {
             column_spec column{std::string{x.text(0)}, plain(x.text(1))};
             auto is_identity = x.integer(4) != 0;
             column.is_key = x.integer(5) != 0;
             column.is_nullable = x.integer(2) == 0 && !column.is_key;
             column.initial = is_identity ? "counted" : std::string{x.text(3)};
             column.is_counted =
                 column.is_key && (is_identity || column.initial.starts_with("nextval("));
             spec.columns.push_back(std::move(column));
           });
}

void read_references(connection& sql, const value& table, table_spec& spec) {
  sql.each("SELECT a.attname, f.relname, b.attname, CASE c.confdeltype WHEN 'c' THEN 'CASCADE' "
           "WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' "
           "ELSE 'NO ACTION' END FROM pg_constraint AS c "
           "JOIN pg_class AS f ON f.oid = c.confrelid "
           "JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
           "JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] "
           "WHERE c.conrelid = to_regclass(CAST(:p1 AS text)) AND c.contype = 'f' "
           "AND array_length(c.conkey, 1) = 1 ORDER BY c.conname",
           {&table, 1}, [&](const statement& x) {
             auto column = std::ranges::find(spec.columns, x.text(0), &column_spec::name);
             if (column != spec.columns.end()) {
               column->references.push_back(
                   {std::string{x.text(1)}, std::string{x.text(2)}, std::string{x.text(3)}});
             }
           });
}

void read_indexes(connection& sql, const value& table, table_info& info) {
  sql.each("SELECT c.relname, a.attname, i.indisunique FROM pg_index AS i "
           "JOIN pg_class AS c ON c.oid = i.indexrelid "
           "JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
           "WHERE i.indrelid = to_regclass(CAST(:p1 AS text)) AND i.indnatts = 1 AND i.indisvalid "
           "AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY c.relname",
           {&table, 1}, [&](const statement& x) {
             info.indexes.push_back(
                 {std::string{x.text(0)}, std::string{x.text(1)}, x.integer(2) != 0});
           });
  for (const auto& index : info.indexes) {
    auto column = std::ranges::find(info.spec.columns, index.column, &column_spec::name);
    if (column != info.spec.columns.end()) {
      column->has_index = true;
      column->is_unique = column->is_unique || (index.is_unique && !column->is_key);
    }
  }
}

void read_joint_indexes(connection& sql, const value& table, table_info& info) {
  sql.each("SELECT c.relname, a.attname FROM pg_index AS i "
           "JOIN pg_class AS c ON c.oid = i.indexrelid "
           "CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place) "
           "JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
           "WHERE i.indrelid = to_regclass(CAST(:p1 AS text)) AND i.indisunique "
           "AND NOT i.indisprimary AND i.indnatts > 1 AND i.indisvalid AND i.indpred IS NULL "
           "AND i.indexprs IS NULL ORDER BY c.relname, k.place",
           {&table, 1}, [&](const statement& x) { info.add_joint(x.text(0), x.text(1)); });
}

} // namespace

std::vector<std::string> postgresql_backend::table_names(connection& sql) {
  std::vector<std::string> result;
  sql.each("SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
           "WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) "
           "AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY c.relname",
           {}, [&](const statement& x) { result.emplace_back(x.text(0)); });
  return result;
}

std::optional<table_info> postgresql_backend::read_table(connection& sql, const std::string& name) {
  value table = quoted_name(name);
  if (!sql.exists("SELECT 1 WHERE to_regclass(CAST(:p1 AS text)) IS NOT NULL", {&table, 1})) {
    return std::nullopt;
  }
  table_info result{{name, {}}, {}};
  read_columns(sql, table, result.spec);
  read_references(sql, table, result.spec);
  read_indexes(sql, table, result);
  read_joint_indexes(sql, table, result);
  return result;
}

} // namespace dcrf::internal
