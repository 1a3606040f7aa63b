#pragma once

#include "dcrf/store/database.hpp"
#include "dcrf/store/internal/backend.hpp"
#include "dcrf/store/internal/sql_error.hpp"
#include "dcrf/store/internal/statement_cache.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace dcrf::internal {

/// One connection to a database, with the statements prepared on it.
class connection {
public:
  /// @throws store_failure
  explicit connection(const database_options& options);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    rollback();
    backend_->finish(*this);
  }

  [[nodiscard]] const dialect& language() const noexcept { return backend_->language(); }
  /// What this kind of database does in its own way.
  [[nodiscard]] backend& kind() noexcept { return *backend_; }

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

  // -- transactions -------------------------------------------------------------------------------

  /// Connects again if the connection was lost.
  /// @throws sql_error
  void restore();

  /// Begins a transaction; connects again if the connection was lost.
  /// @throws sql_error
  void begin(bool for_writing);
  void commit();
  void rollback() noexcept;
  /// Has the transaction wait for the locks of others as long as the options say.
  void wait_for_locks();
  /// Has other nodes take what each savepoint holds for a transaction of its own.
  void separate_commands() {
    if (backend_->separate_savepoints(*this)) {
      is_fresh_ = false;
    }
  }
  /// Whether a transaction is open. Some errors, a full disk for one, end it by themselves.
  [[nodiscard]] bool in_transaction() noexcept { return backend_->in_transaction(); }

  /// One command's savepoint within the transaction. Savepoints nest. Where nothing was done before
  /// it, the beginning of the transaction is one already.
  void set_savepoint();
  void release_savepoint();
  /// Back to the savepoint, which stays. Does nothing if the transaction is gone.
  void rollback_to_savepoint() noexcept;

  /// From here to the end of the command, rows may refer to ones that are not there yet.
  void defer_references() { backend_->defer_references(*this); }
  [[nodiscard]] bool has_dangling_references() { return backend_->has_dangling_references(*this); }

  /// From now on the statements may take as many steps as the options allow to a command.
  void restart_steps() noexcept { backend_->restart_steps(); }

private:
  [[nodiscard]] bool is_at_beginning() const noexcept {
    return starts_with_savepoint_ && savepoints_ == 1;
  }
  void forget_transaction() noexcept;

  static void bind(statement& x, std::span<const value> parameters);

  std::unique_ptr<backend> backend_;
  statement_cache statements_{*backend_};
  bool is_writing_ = false;
  bool is_waiting_for_locks_ = false;
  // Whether a writing transaction was begun, and nothing was done in it yet.
  bool is_fresh_ = false;
  // How many savepoints are open, and whether the first of them is the beginning.
  std::size_t savepoints_ = 0;
  bool starts_with_savepoint_ = false;
};

} // namespace dcrf::internal
