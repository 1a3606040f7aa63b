#include "dcrf/store/internal/migration_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

namespace dcrf::internal {

namespace {

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> reason, Args&&... args) {
  throw store_failure(store_errc::failed, fmt::format(reason, std::forward<Args>(args)...));
}

// -- data steps -----------------------------------------------------------------------------------

value value_of(const statement& row, std::size_t column) {
  switch (row.type(column)) {
  case storage::null:
    return std::monostate{};
  case storage::integer:
    return row.integer(column);
  case storage::real:
    return row.real(column);
  default:
    return std::string{row.text(column)};
  }
}

class data_step final : public migration_sql {
public:
  explicit data_step(connection& sql) : sql_(sql) {}

  std::int64_t execute(std::string_view sql, std::span<const value> parameters) override {
    try {
      return sql_.execute(sql, parameters);
    } catch (const sql_error& e) {
      throw store_failure(store_errc::failed, e.what());
    }
  }

  std::vector<record> query(std::string_view sql, std::span<const value> parameters) override {
    std::vector<record> result;
    try {
      sql_.each(sql, parameters, [&result](const statement& row) {
        auto& values = result.emplace_back();
        for (std::size_t i = 0; i < row.columns(); ++i) {
          values.push_back(value_of(row, i));
        }
      });
    } catch (const sql_error& e) {
      throw store_failure(store_errc::failed, e.what());
    }
    return result;
  }

private:
  connection& sql_;
};

// -- steps ----------------------------------------------------------------------------------------

class step_taker {
public:
  step_taker(connection& sql, const std::vector<table_spec>& wanted) : sql_(sql), wanted_(wanted) {}

  /// @returns a sentence; empty if there was nothing to do
  std::string take(const migration_step& x) {
    switch (x.what) {
    case migration_step::kind::rename_column:
      return rename_column(x);
    case migration_step::kind::rename_table:
      return rename_table(x);
    case migration_step::kind::drop_column:
      return drop_column(x);
    case migration_step::kind::drop_table:
      return drop_table(x);
    case migration_step::kind::add_column:
      return add_column(x);
    case migration_step::kind::change_column:
      return change_column(x);
    case migration_step::kind::keep_column:
    case migration_step::kind::keep_table:
      return {};
    case migration_step::kind::sql:
      sql_.execute(x.sql);
      return fmt::format("Ran: {}", x.sql);
    case migration_step::kind::code:
      break;
    }
    data_step access{sql_};
    x.body(access);
    return "Called a function.";
  }

private:
  table_info found(const std::string& table) {
    auto result = sql_.kind().read_table(sql_, table);
    if (!result) {
      refuse("there is no table \"{}\"", table);
    }
    return std::move(*result);
  }

  const column_spec& wanted(const migration_step& x) const {
    auto table = std::ranges::find(wanted_, x.table, &table_spec::name);
    const auto* column = table == wanted_.end() ? nullptr : table->find(x.column);
    if (column == nullptr) {
      refuse("no model has a column \"{}\" in the table \"{}\"", x.column, x.table);
    }
    return *column;
  }

  // They are made anew with names that fit.
  void drop_indexes(const table_info& table, const std::string& column) {
    for (const auto& x : table.indexes) {
      if ((column.empty() || x.column == column) && x.name.starts_with(table.spec.name + "__")) {
        sql_.execute("DROP INDEX " + quoted_name(x.name));
      }
    }
    for (const auto& x : table.joint_indexes) {
      auto is_over = column.empty() || std::ranges::find(x.columns, column) != x.columns.end();
      if (is_over && x.name == index_name(table.spec, x.columns)) {
        sql_.execute("DROP INDEX " + quoted_name(x.name));
      }
    }
  }

  std::string rename_column(const migration_step& x) {
    auto table = found(x.table);
    auto has_old = table.spec.find(x.from) != nullptr;
    if (table.spec.find(x.column) != nullptr) {
      if (has_old) {
        refuse("the table \"{}\" has both columns, \"{}\" and \"{}\"", x.table, x.from, x.column);
      }
      return {};
    }
    if (!has_old) {
      refuse("the table \"{}\" has no column \"{}\"", x.table, x.from);
    }
    drop_indexes(table, x.from);
    sql_.execute(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", quoted_name(x.table),
                             quoted_name(x.from), quoted_name(x.column)));
    sql_.kind().note_renamed(sql_, {x.table, x.table, x.from, x.column});
    return fmt::format("Renamed the column {}.{} to {}.", x.table, x.from, x.column);
  }

  std::string rename_table(const migration_step& x) {
    auto old = sql_.kind().read_table(sql_, x.from);
    if (sql_.kind().read_table(sql_, x.table)) {
      if (old) {
        refuse("there are both tables, \"{}\" and \"{}\"", x.from, x.table);
      }
      return {};
    }
    if (!old) {
      refuse("there is no table \"{}\"", x.from);
    }
    drop_indexes(*old, "");
    sql_.execute(
        fmt::format("ALTER TABLE {} RENAME TO {}", quoted_name(x.from), quoted_name(x.table)));
    sql_.kind().note_renamed(sql_, {x.from, x.table});
    rename_links(x);
    return fmt::format("Renamed the table {} to {}.", x.from, x.table);
  }

  // The tables of its many-to-many relations bear its name.
  void rename_links(const migration_step& x) {
    for (const auto& link : wanted_) {
      if (link.relation.empty()) {
        continue;
      }
      auto suffix = "_" + link.relation;
      auto old = sql_.kind().read_table(sql_, x.from + suffix);
      auto is_link = old && old->spec.columns.size() == 2 && old->spec.find("source") != nullptr
                     && old->spec.find("target") != nullptr;
      if (is_link && !sql_.kind().read_table(sql_, x.table + suffix)) {
        drop_indexes(*old, "");
        sql_.execute(fmt::format("ALTER TABLE {} RENAME TO {}", quoted_name(x.from + suffix),
                                 quoted_name(x.table + suffix)));
      }
    }
  }

  std::string drop_column(const migration_step& x) {
    auto table = sql_.kind().read_table(sql_, x.table);
    if (!table || table->spec.find(x.column) == nullptr) {
      return {};
    }
    sql_.kind().check_references(sql_);
    for (const auto& index : table->indexes) {
      if (index.column == x.column) {
        sql_.execute("DROP INDEX IF EXISTS " + quoted_name(index.name));
      }
    }
    drop_joint(*table, x.column);
    sql_.kind().release_columns(sql_, x.table);
    sql_.execute(
        fmt::format("ALTER TABLE {} DROP COLUMN {}", quoted_name(x.table), quoted_name(x.column)));
    return fmt::format("Dropped the column {}.{}.", x.table, x.column);
  }

  void drop_joint(const table_info& table, const std::string& column) {
    for (const auto& index : table.joint_indexes) {
      if (std::ranges::find(index.columns, column) != index.columns.end()) {
        sql_.execute("DROP INDEX IF EXISTS " + quoted_name(index.name));
      }
    }
  }

  std::string drop_table(const migration_step& x) {
    if (!sql_.kind().read_table(sql_, x.table)) {
      return {};
    }
    sql_.kind().check_references(sql_);
    sql_.execute("DROP TABLE " + quoted_name(x.table));
    return fmt::format("Dropped the table {}.", x.table);
  }

  std::string add_column(const migration_step& x) {
    auto table = found(x.table);
    if (table.spec.find(x.column) != nullptr) {
      return {};
    }
    const auto& column = wanted(x);
    auto filler = column.initial.empty() && !column.is_nullable
                      ? std::string{sql_.language().unused_default(column.type)}
                      : column.initial;
    auto first = column;
    // Where nothing can stand for a value, it may be null until each row has one.
    first.is_nullable = column.is_nullable || filler.empty();
    sql_.execute(add_column_sql(table.spec, first, sql_.language(), filler));
    sql_.execute(
        fmt::format("UPDATE {} SET {} = ({})", quoted_name(x.table), quoted_name(x.column), x.sql));
    if (first.is_nullable != column.is_nullable) {
      sql_.kind().change_column(sql_, found(x.table), column, quoted_name(x.column));
    }
    return fmt::format("Added the column {}.{} as {}.", x.table, x.column, x.sql);
  }

  std::string change_column(const migration_step& x) {
    auto table = found(x.table);
    if (table.spec.find(x.column) == nullptr) {
      refuse("the table \"{}\" has no column \"{}\"", x.table, x.column);
    }
    const auto& column = wanted(x);
    if (column.is_key) {
      refuse("the column \"{}\" of \"{}\" is the primary key, which no step changes", x.column,
             x.table);
    }
    sql_.kind().change_column(sql_, table, column, x.sql);
    return fmt::format("Changed the column {}.{}{}.", x.table, x.column,
                       x.sql.empty() ? std::string{} : " to " + x.sql);
  }

  connection& sql_;
  const std::vector<table_spec>& wanted_;
};

// -- which of them --------------------------------------------------------------------------------

std::string migration_table(const dialect& language) {
  return fmt::format("CREATE TABLE IF NOT EXISTS \"dcrf_migration\" (\"name\" {} PRIMARY KEY NOT "
                     "NULL, \"applied_at\" {} NOT NULL)",
                     language.type_of({.type = field_type::text}),
                     language.type_of({.type = field_type::timestamp}));
}

void check_names(const std::vector<migration>& migrations) {
  std::set<std::string_view> names;
  for (const auto& x : migrations) {
    if (!names.insert(x.name()).second) {
      refuse("two migrations have the name \"{}\"", x.name());
    }
  }
}

bool is_empty(connection& sql, const std::vector<table_spec>& tables) {
  return std::ranges::none_of(
             tables,
             [&sql](const table_spec& x) { return sql.kind().read_table(sql, x.name).has_value(); })
         && !sql.kind().read_table(sql, "dcrf_schema");
}

std::set<std::string, std::less<>> names_taken(connection& sql) {
  std::set<std::string, std::less<>> result;
  sql.each("SELECT \"name\" FROM \"dcrf_migration\"", {},
           [&result](const statement& x) { result.emplace(x.text(0)); });
  return result;
}

void note(connection& sql, const std::string& name) {
  std::array<value, 2> parameters{name, timestamp::now()};
  sql.execute("INSERT INTO \"dcrf_migration\" (\"name\", \"applied_at\") VALUES (:p1, :p2)",
              parameters);
}

} // namespace

std::vector<std::string> take_steps(connection& sql, const std::vector<table_spec>& tables,
                                    const std::vector<migration>& migrations) {
  check_names(migrations);
  std::vector<std::string> result;
  if (migrations.empty()) {
    return result;
  }
  auto is_new = is_empty(sql, tables);
  sql.execute(migration_table(sql.language()));
  auto taken = names_taken(sql);
  step_taker taker{sql, tables};
  for (const auto& x : migrations) {
    if (taken.contains(x.name())) {
      continue;
    }
    try {
      for (const auto& step : x.steps()) {
        if (auto sentence = is_new ? std::string{} : taker.take(step); !sentence.empty()) {
          result.push_back(fmt::format("{}: {}", x.name(), sentence));
        }
      }
      sql.kind().check_references(sql);
    } catch (const store_failure& e) {
      refuse("the migration \"{}\" failed: {}", x.name(), e.what());
    } catch (const sql_error& e) {
      if (e.code() == sql_errc::unavailable || e.code() == sql_errc::locked) {
        throw;
      }
      refuse("the migration \"{}\" failed: {}", x.name(), e.what());
    }
    note(sql, x.name());
  }
  return result;
}

} // namespace dcrf::internal
