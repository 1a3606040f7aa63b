#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/postgresql_backend.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

namespace dcrf::internal {

namespace {

std::vector<std::string> references_of(connection& sql, const std::string& table,
                                       const std::string& column) {
  std::vector<std::string> result;
  std::array<value, 2> parameters{quoted_name(table), column};
  sql.each("SELECT c.conname FROM pg_constraint AS c JOIN pg_attribute AS a "
           "ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum] "
           "WHERE c.conrelid = to_regclass(CAST(:p1 AS text)) AND c.contype = 'f' "
           "AND a.attname = :p2",
           parameters, [&](const statement& x) { result.emplace_back(x.text(0)); });
  return result;
}

} // namespace

// What waits for the end of the transaction stands against a change of the table.
void postgresql_backend::check_references(connection& sql) {
  sql.execute("SET CONSTRAINTS ALL IMMEDIATE");
  sql.execute("SET CONSTRAINTS ALL DEFERRED");
}

void postgresql_backend::change_column(connection& sql, const table_info& found,
                                       const column_spec& wanted, const std::string& expression) {
  const auto& table = found.spec.name;
  auto column = quoted_name(wanted.name);
  auto alter = [&](const std::string& what) {
    sql.execute(fmt::format("ALTER TABLE {} {}", quoted_name(table), what));
  };
  check_references(sql);
  for (const auto& name : references_of(sql, table, wanted.name)) {
    alter("DROP CONSTRAINT " + quoted_name(name));
  }
  alter(fmt::format("ALTER COLUMN {} DROP DEFAULT", column));
  alter(fmt::format("ALTER COLUMN {} DROP NOT NULL", column));
  alter(fmt::format("ALTER COLUMN {} TYPE {} USING {}", column,
                    language().definition_of(wanted.type),
                    expression.empty() ? fmt::format("CAST({} AS {})", column, wanted.type)
                                       : "(" + expression + ")"));
  if (!wanted.is_nullable) {
    alter(fmt::format("ALTER COLUMN {} SET NOT NULL", column));
  }
  if (!wanted.initial.empty()) {
    alter(fmt::format("ALTER COLUMN {} SET DEFAULT {}", column, wanted.initial));
  }
  for (const auto& x : wanted.references) {
    alter(fmt::format("ADD FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} {}", column,
                      quoted_name(x.table), quoted_name(x.column), x.on_delete,
                      language().deferral()));
  }
}

} // namespace dcrf::internal
