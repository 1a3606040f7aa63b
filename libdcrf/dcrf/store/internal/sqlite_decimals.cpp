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
    auto name = quoted(column.name);
    throw store_failure(
        store_errc::failed,
        fmt::format("the table \"{}\" can't be migrated: its column \"{}\" has decimals with {} "
                    "places, but the model wants {}; convert the rows yourself: UPDATE {} SET {} = "
                    "{}; UPDATE dcrf_decimal SET places = {} WHERE \"table\" = {} AND \"column\" = "
                    "{}",
                    table.name, column.name, *noted, wanted, quoted(table.name), name,
                    conversion(*noted, wanted, name), wanted, quoted_text(table.name),
                    quoted_text(column.name)));
  }
  if (!noted) {
    std::array<value, 3> parameters{table.name, column.name, wanted};
    sql.execute("INSERT INTO dcrf_decimal VALUES (:p1, :p2, :p3)", parameters);
  }
}

} // namespace

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
