#pragma once

#include "dcrf/store/database.hpp"
#include "dcrf/store/internal/dialect.hpp"
#include "dcrf/store/internal/statement.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

class connection;
struct check_info;
struct column_spec;
struct table_info;
struct table_spec;

/// One connection to one kind of database: what the databases do each in their own way. The
/// connection that it belongs to is given where statements are run.
class backend {
public:
  virtual ~backend() = default;

  [[nodiscard]] virtual const dialect& language() const noexcept = 0;
  [[nodiscard]] virtual std::unique_ptr<statement> make_statement(std::string sql) = 0;

  /// What the connection is set up with, once it is there.
  virtual void configure(connection& sql) = 0;

  /// Looks whether the database is still where it was opened: at once, or if it is some time ago.
  /// @throws sql_error with `unavailable` if not: nobody would find again what is written
  virtual void check_place(bool at_once) { static_cast<void>(at_once); }
  /// The connection is about to be closed.
  virtual void finish(connection& sql) noexcept { static_cast<void>(sql); }

  /// Whether the connection was lost.
  [[nodiscard]] virtual bool is_lost() const noexcept = 0;
  /// Looks whether it was lost while nobody used it, without waiting.
  virtual void look() noexcept = 0;
  /// Connects again.
  /// @throws sql_error with `unavailable` if that is not possible now
  virtual void reconnect() = 0;

  /// Ends what waits for the database, now and in future. From any thread.
  virtual void interrupt() noexcept = 0;

  // -- transactions -------------------------------------------------------------------------------

  [[nodiscard]] virtual std::string_view begin_statement(bool for_writing) const noexcept = 0;
  /// Runs a statement that gives no rows; if the database can do that, together with the next one.
  virtual void run_soon(connection& sql, std::string_view statement) = 0;
  /// Takes back the beginning of a transaction if the database has not heard of it yet.
  /// @returns whether there is no transaction any more
  virtual bool take_back_begin() noexcept = 0;
  /// Has the transaction wait for the locks of others as long as the options say. Without this it
  /// gives way sooner, so that of two that wait for each other it is not the other one that fails.
  virtual void wait_for_locks(connection& sql) = 0;
  /// Whether a transaction is open. Some errors end it by themselves.
  [[nodiscard]] virtual bool in_transaction() noexcept = 0;
  /// Whether a single query sees one state of the database without a transaction, and is cheaper
  /// so.
  [[nodiscard]] virtual bool queries_stand_alone() const noexcept = 0;
  /// Whether a single statement is a transaction without further words.
  [[nodiscard]] virtual bool statements_stand_alone() const noexcept = 0;
  /// Whether a statement that failed spoils the whole transaction, unless there is a savepoint.
  [[nodiscard]] virtual bool errors_spoil_transaction() const noexcept = 0;

  /// References are not looked at before the end of the command.
  virtual void defer_references(connection& sql) = 0;
  /// Whether some row refers to one that is not there.
  [[nodiscard]] virtual bool has_dangling_references(connection& sql) = 0;

  /// The statements that follow may take as many steps as the options allow to a command.
  virtual void restart_steps() noexcept = 0;

  /// Has the open transaction write something that changes nothing.
  virtual void write_nothing(connection& sql) = 0;

  // -- keys and versions --------------------------------------------------------------------------

  /// Keys counted from now on come after one that was given.
  virtual void skip_key(connection& sql, const model_descriptor& model, std::int64_t key) = 0;
  /// Makes the counted keys of an empty table start at 1 again.
  virtual void restart_keys(connection& sql, const model_descriptor& model) = 0;
  /// The version of a change made just now that no statement told; empty if this program is the
  /// only one that numbers them. Called while the transaction holds the row's lock.
  [[nodiscard]] virtual std::optional<std::uint64_t> next_version(connection& sql) = 0;

  // -- other nodes --------------------------------------------------------------------------------

  /// Whether other nodes learn of the changes that the transaction makes from here on.
  virtual void tell_others(connection& sql, bool told) = 0;
  /// Has them take what each savepoint of the transaction holds for a transaction of its own.
  /// @returns whether there may be others, and so something was done
  virtual bool separate_savepoints(connection& sql) = 0;

  // -- the feed -----------------------------------------------------------------------------------

  /// The feed of this database; null if this kind has none yet.
  /// @param sql, models outlive the feed
  [[nodiscard]] virtual std::unique_ptr<feed> make_feed(connection& sql, const schema& models,
                                                        const feed_options& options) {
    static_cast<void>(sql), static_cast<void>(models), static_cast<void>(options);
    return nullptr;
  }
  /// Has what is committed from here on be missing in the feed of an earlier program.
  virtual void interrupt_feed(connection&) {}

  // -- migration ----------------------------------------------------------------------------------

  /// Begins the transaction of a migration.
  virtual void begin_migration(connection& sql, bool for_writing) = 0;
  /// Called when that transaction has ended.
  virtual void end_migration(connection& sql) = 0;
  /// What the store needs besides the models' tables; each call after the first changes nothing.
  virtual void prepare_schema(connection& sql, const std::vector<table_spec>& tables) = 0;
  /// Makes a column what the model wants: its type, whether it may be null, what it refers to.
  /// @param expression the new value in terms of the row as it was
  virtual void change_column(connection& sql, const table_info& found, const column_spec& wanted,
                             const std::string& expression) = 0;
  /// A table or a column has another name now; both names of the column are empty if all of the
  /// table are meant.
  struct new_name {
    std::string old_table;
    std::string table;
    std::string old_column{};
    std::string column{};
  };
  virtual void note_renamed(connection& sql, const new_name& x) {
    static_cast<void>(sql);
    static_cast<void>(x);
  }
  /// Looks at the references of what was written so far in the migration.
  /// @throws sql_error if one refers to nothing
  virtual void check_references(connection& sql) = 0;
  /// The tables that can be named without their schema, those of the database itself left out.
  [[nodiscard]] virtual std::vector<std::string> table_names(connection& sql) = 0;
  /// Empty if there is no such table.
  [[nodiscard]] virtual std::optional<table_info> read_table(connection& sql,
                                                             const std::string& name) = 0;

  // What keeps a check: an object of the database, or several.

  /// Those that are there for checks of the model's table, of whatever version of the model.
  [[nodiscard]] virtual std::vector<check_info> read_checks(connection& sql,
                                                            const model_descriptor& model) = 0;
  /// Those that there shall be.
  [[nodiscard]] virtual std::vector<check_info> checks_of(const model_descriptor& model,
                                                          const check_descriptor& check) = 0;
  [[nodiscard]] virtual std::vector<std::string> create_check(const model_descriptor& model,
                                                              const check_info& wanted) = 0;
  [[nodiscard]] virtual std::string drop_check(const model_descriptor& model,
                                               const std::string& name) = 0;
  /// Drops those that keep a column of the table from being dropped. The migration makes anew what
  /// the models declare.
  virtual void release_columns(connection& sql, const std::string& table) {
    static_cast<void>(sql);
    static_cast<void>(table);
  }
};

/// Connects to the database that a URL names.
/// @throws store_failure
[[nodiscard]] std::unique_ptr<backend> open_backend(const database_options& options);

} // namespace dcrf::internal
