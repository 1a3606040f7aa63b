#pragma once

#include "dcrf/store/database.hpp"
#include "dcrf/store/internal/dialect.hpp"
#include "dcrf/store/internal/sql_error.hpp"
#include "dcrf/store/internal/statement_cache.hpp"

#include <soci/soci.h>

#include <span>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// The file that a URL names: a path, or `:memory:`.
/// @throws store_failure
[[nodiscard]] std::string file_of(std::string_view url);

/// One connection to a database, with the statements prepared on it.
class connection {
public:
  /// @throws store_failure
  explicit connection(const database_options& options);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { rollback(); }

  [[nodiscard]] const dialect& language() const noexcept { return sqlite_dialect(); }

  [[nodiscard]] cursor prepare(std::string_view sql) { return statements_.get(sql); }

  /// Runs a statement that gives no rows; returns how many it touched if it is an insert, update or
  /// delete.
  /// @throws sql_error
  std::int64_t execute(std::string_view sql, std::span<const value> parameters = {});

  /// Calls `function(const statement&)` for each row. The function may run other statements.
  /// @throws sql_error
  template <class Function>
  void each(std::string_view sql, std::span<const value> parameters, Function&& function) {
    auto running = prepare(sql);
    bind(*running, parameters);
    for (auto more = running->execute(); more; more = running->next()) {
      function(static_cast<const statement&>(*running));
    }
  }

  /// Whether the query gives a row.
  [[nodiscard]] bool exists(std::string_view sql, std::span<const value> parameters);

  [[nodiscard]] std::int64_t last_insert_id() noexcept;

  // -- transactions -------------------------------------------------------------------------------

  void begin(bool for_writing);
  void commit();
  void rollback() noexcept;
  /// Whether a transaction is open. Some errors, a full disk for one, end it by themselves.
  [[nodiscard]] bool in_transaction() noexcept;

  /// One command's savepoint within the transaction.
  void set_savepoint();
  void release_savepoint();
  /// Back to the savepoint, which stays. Does nothing if the transaction is gone.
  void rollback_to_savepoint() noexcept;

  [[nodiscard]] bool has_dangling_references() noexcept;

  /// Whether foreign keys are enforced; to be changed outside of transactions.
  void enforce_foreign_keys(bool on);

  /// From now on the statements may take as many steps as the options allow to a command.
  void restart_steps() noexcept { steps_left_ = step_limit_; }

private:
  static void bind(statement& x, std::span<const value> parameters);
  void configure(const database_options& options);

  std::int64_t step_limit_;
  std::int64_t steps_left_;
  soci::session session_;
  statement_cache statements_{session_};
};

} // namespace dcrf::internal
