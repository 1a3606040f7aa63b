#include "dcrf/store/internal/sqlite_decimals.hpp"

#include "dcrf/store/internal/connection.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace dcrf::internal {

namespace {

std::optional<std::int64_t> noted_places(connection& sql, const table_spec& table,
                                         const column_spec& column) {
  std::optional<std::int64_t> result;
  std::array<value, 2> parameters{table.name, column.name};
  sql.each("SELECT places FROM dcrf_decimal WHERE \"table\" = :p1 AND \"column\" = :p2", parameters,
           [&](const statement& x) { result = x.integer(0); });
  return result;
}

bool has_notes(connection& sql) {
  return sql.exists("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'dcrf_decimal'",
                    {});
}

// What brings the rows from one number of places to another.
std::string conversion(std::int64_t from, std::int64_t to, const std::string& column) {
  std::string power{'1'};
  power.append(static_cast<std::size_t>(from < to ? to - from : from - to), '0');
  return fmt::format("{} {} {}", column, from < to ? '*' : '/', power);
}

void note_decimal(connection& sql, const table_spec& table, const column_spec& column) {
  std::int64_t wanted = *column.places;
  auto noted = noted_places(sql, table, column);
  if (noted && *noted != wanted) {
    throw store_failure(
        store_errc::failed,
        fmt::format("the table \"{}\" can't be migrated: its column \"{}\" has decimals with {} "
                    "places, but the model wants {}; a step converts the rows: "
                    "dcrf::migration(\"…\").changed<{}>()",
                    table.name, column.name, *noted, wanted, column.member));
  }
  if (!noted) {
    std::array<value, 3> parameters{table.name, column.name, wanted};
    sql.execute("INSERT INTO dcrf_decimal VALUES (:p1, :p2, :p3)", parameters);
  }
}

} // namespace

std::string decimal_conversion(connection& sql, const std::string& table,
                               const column_spec& wanted) {
  if (!wanted.places || !has_notes(sql)) {
    return {};
  }
  std::int64_t places = *wanted.places;
  auto noted = noted_places(sql, {table, {}}, wanted);
  return noted && *noted != places ? conversion(*noted, places, quoted_name(wanted.name))
                                   : std::string{};
}

void rename_decimals(connection& sql, const backend::new_name& x) {
  if (!has_notes(sql)) {
    return;
  }
  if (x.column.empty()) {
    std::array<value, 2> parameters{x.table, x.old_table};
    sql.execute("UPDATE dcrf_decimal SET \"table\" = :p1 WHERE \"table\" = :p2", parameters);
  } else {
    std::array<value, 3> parameters{x.column, x.table, x.old_column};
    sql.execute(
        "UPDATE dcrf_decimal SET \"column\" = :p1 WHERE \"table\" = :p2 AND \"column\" = :p3",
        parameters);
  }
}

void forget_decimal(connection& sql, const std::string& table, const std::string& column) {
  if (has_notes(sql)) {
    std::array<value, 2> parameters{table, column};
    sql.execute("DELETE FROM dcrf_decimal WHERE \"table\" = :p1 AND \"column\" = :p2", parameters);
  }
}

void note_decimals(connection& sql, const std::vector<table_spec>& tables) {
  bool is_prepared = false;
  for (const auto& table : tables) {
    for (const auto& column : table.columns) {
      if (!column.places) {
        continue;
      }
      if (!std::exchange(is_prepared, true)) {
        sql.execute("CREATE TABLE IF NOT EXISTS dcrf_decimal (\"table\" TEXT, \"column\" TEXT, "
                    "places INTEGER NOT NULL, PRIMARY KEY (\"table\", \"column\")) STRICT");
      }
      note_decimal(sql, table, column);
    }
  }
}

} // namespace dcrf::internal
