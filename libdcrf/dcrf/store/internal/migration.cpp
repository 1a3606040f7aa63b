#include "dcrf/store/internal/migration.hpp"

#include "dcrf/store/internal/migration_steps.hpp"
#include "dcrf/store/internal/once_store.hpp"
#include "dcrf/store/internal/table_changes.hpp"
#include "dcrf/store/internal/table_checks.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

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

// What belongs to somebody else: tables, which have no column, and columns of tables.
using kept_names = std::set<std::pair<std::string, std::string>>;

kept_names kept_by(const std::vector<migration>& migrations) {
  kept_names result;
  for (const auto& x : migrations) {
    for (const auto& step : x.steps()) {
      if (step.what == migration_step::kind::keep_column
          || step.what == migration_step::kind::keep_table) {
        result.emplace(step.table, step.column);
      }
    }
  }
  return result;
}

// Tables that no model has, and nobody else has claimed.
std::vector<table_info> unknown_tables(connection& sql, const std::vector<table_spec>& wanted,
                                       const kept_names& kept) {
  std::vector<table_info> result;
  for (const auto& name : sql.kind().table_names(sql)) {
    auto is_known = std::ranges::find(wanted, name, &table_spec::name) != wanted.end();
    if (!is_known && !name.starts_with("dcrf_") && !kept.contains({name, ""})) {
      if (auto found = sql.kind().read_table(sql, name)) {
        result.push_back(std::move(*found));
      }
    }
  }
  return result;
}

void forget(table_spec& found, const table_spec& wanted, const kept_names& kept) {
  std::erase_if(found.columns, [&](const column_spec& x) {
    return wanted.find(x.name) == nullptr && kept.contains({found.name, x.name});
  });
}

void report_unknown(const table_spec& found, const table_spec& wanted,
                    const database_options& options) {
  std::string names;
  for (const auto& x : found.columns) {
    if (wanted.find(x.name) == nullptr) {
      names += names.empty() ? "" : ", ";
      names += x.name;
    }
  }
  if (!names.empty() && options.report) {
    options.report(fmt::format("the table \"{}\" has columns that its model lacks: {}; a step of a "
                               "migration says that they are `kept` or `dropped`",
                               found.name, names));
  }
}

std::vector<table_change> missing(connection& sql, const std::vector<table_spec>& tables,
                                  const kept_names& kept, const database_options& options) {
  std::vector<table_change> result;
  std::optional<std::vector<table_info>> unknown;
  for (const auto& wanted : tables) {
    auto found = sql.kind().read_table(sql, wanted.name);
    if (found) {
      forget(found->spec, wanted, kept);
      report_unknown(found->spec, wanted, options);
    }
    if (!found) {
      if (!unknown) {
        unknown = unknown_tables(sql, tables, kept);
      }
      check_no_new_name(*unknown, wanted);
    }
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

std::vector<std::string> check_only(connection& sql, const std::vector<table_spec>& tables,
                                    const std::vector<migration>& migrations,
                                    const database_options& options) {
  auto changes = missing(sql, tables, kept_by(migrations), options);
  if (!changes.empty()) {
    throw store_failure(store_errc::failed,
                        fmt::format("the database can't be migrated, it is opened for reading "
                                    "only; missing is: {}",
                                    changes.front().step));
  }
  return {};
}

} // namespace

std::vector<std::string> migrate(connection& sql, const schema& models,
                                 const std::vector<migration>& migrations, migration_mode mode,
                                 const database_options& options) {
  migration_transaction open{sql, !options.read_only};
  auto tables = tables_of(models, sql.language());
  if (options.read_only) {
    return check_only(sql, tables, migrations, options);
  }
  // What data steps change is no news for anybody.
  sql.kind().tell_others(sql, false);
  auto steps = take_steps(sql, tables, migrations);
  if (!steps.empty()) {
    sql.kind().interrupt_feed(sql);
  }
  auto added = perform(sql, missing(sql, tables, kept_by(migrations), options));
  std::ranges::move(added, std::back_inserter(steps));
  std::ranges::move(perform(sql, missing_checks(sql, models)), std::back_inserter(steps));
  if (!steps.empty()) {
    write_version(sql, steps);
  }
  sql.kind().prepare_schema(sql, tables);
  once_store::create(sql);
  if (mode == migration_mode::off && !steps.empty()) {
    throw store_failure(store_errc::failed,
                        fmt::format("the database has to be migrated first (--migrate=run); the "
                                    "first of {} steps: {}",
                                    steps.size(), steps.front()));
  }
  if (mode == migration_mode::run) {
    sql.commit();
  }
  return steps;
}

} // namespace dcrf::internal
