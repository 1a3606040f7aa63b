#include "dcrf/store/internal/migration.hpp"

#include "dcrf/store/internal/table_changes.hpp"
#include "dcrf/store/internal/table_checks.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace dcrf::internal {

namespace {

std::string version_table(const dialect& language) {
  return fmt::format("CREATE TABLE IF NOT EXISTS \"dcrf_schema\" (\"version\" {} PRIMARY KEY NOT "
                     "NULL, \"applied_at\" {} NOT NULL, \"description\" {} NOT NULL)",
                     language.type_of({.type = field_type::integer}),
                     language.type_of({.type = field_type::timestamp}),
                     language.type_of({.type = field_type::text}));
}

void write_version(connection& sql, const std::vector<std::string>& steps) {
  sql.execute(version_table(sql.language()));
  std::string description;
  for (const auto& step : steps) {
    description += description.empty() ? "" : "\n";
    description += step;
  }
  std::array<value, 3> parameters{std::int64_t{0}, timestamp::now(), description};
  sql.each("SELECT coalesce(max(\"version\"), 0) + 1 FROM \"dcrf_schema\"", {},
           [&](const statement& x) { parameters[0] = x.integer(0); });
  sql.execute("INSERT INTO \"dcrf_schema\" (\"version\", \"applied_at\", \"description\") VALUES "
              "(:p1, :p2, :p3)",
              parameters);
}

std::vector<table_change> missing(connection& sql, const schema& models) {
  std::vector<table_change> result;
  for (const auto& wanted : tables_of(models, sql.language())) {
    auto found = sql.kind().read_table(sql, wanted.name);
    auto changes = found ? changes_between(sql, *found, wanted) : creation_of(sql, wanted);
    for (auto& x : changes) {
      result.push_back(std::move(x));
    }
  }
  return result;
}

std::vector<std::string> perform(connection& sql, const std::vector<table_change>& changes) {
  std::vector<std::string> steps;
  for (const auto& x : changes) {
    check_possible(sql, x);
    sql.execute(x.sql);
    steps.push_back(x.step);
  }
  if (!steps.empty()) {
    write_version(sql, steps);
  }
  return steps;
}

class migration_transaction {
public:
  migration_transaction(connection& sql, bool for_writing) : sql_(sql) {
    sql_.kind().begin_migration(sql_, for_writing);
  }
  migration_transaction(const migration_transaction&) = delete;
  migration_transaction& operator=(const migration_transaction&) = delete;
  ~migration_transaction() {
    sql_.rollback();
    try {
      sql_.kind().end_migration(sql_);
    } catch (const sql_error&) {
      // A connection that is lost needs no end.
    }
  }

private:
  connection& sql_;
};

} // namespace

std::vector<std::string> migrate(connection& sql, const schema& models, bool read_only) {
  migration_transaction open{sql, !read_only};
  auto changes = missing(sql, models);
  if (read_only && !changes.empty()) {
    throw store_failure(store_errc::failed,
                        fmt::format("the database can't be migrated, it is opened for reading "
                                    "only; missing is: {}",
                                    changes.front().step));
  }
  auto steps = perform(sql, changes);
  if (!read_only) {
    std::ranges::move(perform(sql, missing_checks(sql, models)), std::back_inserter(steps));
    sql.kind().prepare_schema(sql, tables_of(models, sql.language()));
  }
  sql.commit();
  return steps;
}

} // namespace dcrf::internal
