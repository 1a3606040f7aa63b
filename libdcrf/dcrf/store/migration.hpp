#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/model/value.hpp"
#include "dcrf/store/database.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

/// The database as a data step of a migration sees it: SQL, within the transaction of the
/// migration.
class migration_sql {
public:
  virtual ~migration_sql() = default;

  /// Runs a statement.
  /// @param parameters of the places `:p1`, `:p2` and so on
  /// @returns how many rows it touched
  /// @throws store_failure
  virtual std::int64_t execute(std::string_view sql, std::span<const value> parameters = {}) = 0;

  /// Runs a query.
  /// @returns its rows, whose values are integers, reals, texts and nulls
  /// @throws store_failure
  virtual std::vector<record> query(std::string_view sql,
                                    std::span<const value> parameters = {}) = 0;
};

/// One step of a migration.
struct migration_step {
  enum class kind : std::uint8_t {
    rename_column,
    rename_table,
    drop_column,
    drop_table,
    add_column,
    change_column,
    keep_column,
    keep_table,
    sql,
    code,
  };

  kind what;
  std::string table{};
  std::string column{};
  /// The name before.
  std::string from{};
  /// SQL: a whole statement, or what the column gets, in terms of the row as it was.
  std::string sql{};
  std::function<void(migration_sql&)> body{};
};

/// What is to be done to a database so that it fits the models, where the models alone don't say:
/// steps with a name, which are taken once, in their order, in one transaction with all others that
/// are new.
///
///     server.migrations({
///         dcrf::migration("2026-03 nicknames").renamed<&author::nickname>("nick"),
///         dcrf::migration("2026-04 ratings")
///             .added<&article::rating>("0")
///             .sql("UPDATE blog_article SET rating = 1 WHERE title <> ''"),
///     });
///
/// What a step wants to be so and is so already is left alone. In a database without any of the
/// models' tables nothing has to be done: there all migrations count as done. Where a member or a
/// model has got another name since, a step names the table and the column as texts.
class migration {
public:
  /// @param name tells it from the others, in the database, too: it is never changed
  explicit migration(std::string name) : name_(std::move(name)) {}

  /// A member's column had another name.
  template <auto Member>
  migration& renamed(std::string from) {
    return renamed(table_of<Member>(), std::move(from), column_of<Member>());
  }
  migration& renamed(std::string table, std::string from, std::string to) {
    return add({.what = migration_step::kind::rename_column,
                .table = std::move(table),
                .column = std::move(to),
                .from = std::move(from)});
  }

  /// A model's table had another name. Those of its many-to-many relations go with it.
  template <model_type T>
  migration& renamed_table(std::string from) {
    return renamed_table(std::move(from), std::string{model<T>::table});
  }
  migration& renamed_table(std::string from, std::string to) {
    return add({.what = migration_step::kind::rename_table,
                .table = std::move(to),
                .from = std::move(from)});
  }

  /// A column goes, and what is in it.
  template <model_type T>
  migration& dropped(std::string column) {
    return dropped(std::string{model<T>::table}, std::move(column));
  }
  migration& dropped(std::string table, std::string column) {
    return add({.what = migration_step::kind::drop_column,
                .table = std::move(table),
                .column = std::move(column)});
  }
  migration& dropped_table(std::string table) {
    return add({.what = migration_step::kind::drop_table, .table = std::move(table)});
  }

  /// A member is new. Its column gets a value in the rows that are there.
  /// @param expression in SQL, in terms of the other columns of the row
  template <auto Member>
  migration& added(std::string expression) {
    return add({.what = migration_step::kind::add_column,
                .table = table_of<Member>(),
                .column = column_of<Member>(),
                .sql = std::move(expression)});
  }

  /// A member has another type, other places, another reference, or may be null or not.
  /// @param expression in SQL: the new value in terms of the row as it was; by default the old one
  template <auto Member>
  migration& changed(std::string expression = {}) {
    return add({.what = migration_step::kind::change_column,
                .table = table_of<Member>(),
                .column = column_of<Member>(),
                .sql = std::move(expression)});
  }

  /// A column that no member is for belongs to somebody else.
  template <model_type T>
  migration& kept(std::string column) {
    return kept(std::string{model<T>::table}, std::move(column));
  }
  migration& kept(std::string table, std::string column) {
    return add({.what = migration_step::kind::keep_column,
                .table = std::move(table),
                .column = std::move(column)});
  }

  /// A table that no model is for belongs to somebody else.
  migration& kept_table(std::string table) {
    return add({.what = migration_step::kind::keep_table, .table = std::move(table)});
  }

  /// A statement is run.
  migration& sql(std::string statement) {
    return add({.what = migration_step::kind::sql, .sql = std::move(statement)});
  }

  /// A function is called, which may read and write as it likes.
  migration& run(std::function<void(migration_sql&)> body) {
    return add({.what = migration_step::kind::code, .body = std::move(body)});
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::vector<migration_step>& steps() const noexcept { return steps_; }

private:
  template <auto Member>
  static std::string table_of() {
    return std::string{model<class_of<Member>>::table};
  }
  template <auto Member>
  static std::string column_of() {
    return std::string{
        model_of<class_of<Member>>().fields[detail::field_position<Member>()].column};
  }

  migration& add(migration_step x) {
    steps_.push_back(std::move(x));
    return *this;
  }

  std::string name_;
  std::vector<migration_step> steps_;
};

/// What is done about a database that does not fit the models.
enum class migration_mode : std::uint8_t {
  /// What has to be done is done.
  run,
  /// It is tried, told and undone.
  plan,
  /// It is an error.
  off,
};

/// Takes the steps of migrations that were not taken yet, and creates what is missing then: tables,
/// columns, indexes. All of it is one transaction, on a connection of its own; the table
/// `dcrf_schema` has a version of the schema for each that did something, `dcrf_migration` the
/// names of the migrations. Columns that the models lack are reported (`database_options::report`).
/// Blocks.
/// @returns what was done, one sentence for each step
/// @throws store_failure if the database can't be opened, or if the tables differ from the models
///         in a way that can't be mended without losing or guessing data; the text says what, and
///         which step would explain it, and nothing was changed. With `migration_mode::off`, if
///         anything would have to be done.
std::vector<std::string> migrate(const database_options& options, const schema& models,
                                 const std::vector<migration>& migrations,
                                 migration_mode mode = migration_mode::run);

} // namespace dcrf
