#include "dcrf/store/internal/migration.hpp"

#include "dcrf/store/internal/table_changes.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <fmt/format.h>

#include <array>

namespace dcrf::internal {

namespace {

void write_version(connection& sql, const std::vector<std::string>& steps) {
  sql.execute(
      "CREATE TABLE IF NOT EXISTS \"dcrf_schema\" (\"version\" INTEGER PRIMARY KEY NOT NULL, "
      "\"applied_at\" INTEGER NOT NULL, \"description\" TEXT NOT NULL)");
  std::string description;
  for (const auto& step : steps) {
    description += description.empty() ? "" : "\n";
    description += step;
  }
  std::array<value, 2> parameters{timestamp::now(), description};
  sql.execute("INSERT INTO \"dcrf_schema\" (\"version\", \"applied_at\", \"description\") "
              "SELECT coalesce(max(\"version\"), 0) + 1, :p1, :p2 FROM \"dcrf_schema\"",
              parameters);
}

std::vector<table_change> missing(connection& sql, const schema& models) {
  std::vector<table_change> result;
  for (const auto& wanted : tables_of(models, sql.language())) {
    auto found = read_table(sql, wanted.name);
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

// Foreign keys are not enforced meanwhile, or a column with a reference could only be added as
// null.
class migration_transaction {
public:
  migration_transaction(connection& sql, bool for_writing) : sql_(sql) {
    sql_.enforce_foreign_keys(false);
    try {
      sql_.begin(for_writing);
    } catch (...) {
      sql_.enforce_foreign_keys(true);
      throw;
    }
  }
  migration_transaction(const migration_transaction&) = delete;
  migration_transaction& operator=(const migration_transaction&) = delete;
  ~migration_transaction() {
    sql_.rollback();
    try {
      sql_.enforce_foreign_keys(true);
    } catch (const sql_error&) {
      // The pragma can't fail outside of a transaction.
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
  sql.commit();
  return steps;
}

} // namespace dcrf::internal
