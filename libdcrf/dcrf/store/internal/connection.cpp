#include "dcrf/store/internal/connection.hpp"

#include <fmt/format.h>

#include <utility>

namespace dcrf::internal {

connection::connection(const database_options& options) : backend_(open_backend(options)) {
  try {
    backend_->configure(*this);
  } catch (const sql_error& e) {
    auto code = e.code() == sql_errc::unavailable ? store_errc::unavailable : store_errc::failed;
    throw store_failure(code, fmt::format("the database \"{}\" can't be opened: {}",
                                          without_password(options.url), e.what()));
  }
}

void connection::bind(statement& x, std::span<const value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    x.bind(i, parameters[i]);
  }
}

std::int64_t connection::execute(std::string_view sql, std::span<const value> parameters) {
  auto running = prepare(sql);
  bind(*running, parameters);
  running->execute();
  return running->changed_rows();
}

bool connection::exists(std::string_view sql, std::span<const value> parameters) {
  auto running = prepare(sql);
  bind(*running, parameters);
  return running->execute();
}

void connection::restore() {
  backend_->look();
  if (!backend_->is_lost()) {
    return;
  }
  backend_->reconnect();
  backend_->configure(*this);
}

void connection::begin(bool for_writing) {
  restore();
  backend_->check_place(for_writing);
  backend_->run_soon(*this, backend_->begin_statement(for_writing));
  forget_transaction();
  is_writing_ = for_writing;
  is_fresh_ = for_writing && backend_->errors_spoil_transaction();
}

void connection::wait_for_locks() {
  backend_->wait_for_locks(*this);
  is_waiting_for_locks_ = true;
}

void connection::forget_transaction() noexcept {
  is_fresh_ = false;
  is_waiting_for_locks_ = false;
  savepoints_ = 0;
  starts_with_savepoint_ = false;
}

// What was committed to a file that is gone must not be acknowledged.
void connection::commit() {
  forget_transaction();
  if (!backend_->take_back_begin()) {
    execute("COMMIT");
  }
  if (is_writing_) {
    backend_->check_place(true);
  }
}

void connection::rollback() noexcept {
  forget_transaction();
  if (backend_->take_back_begin() || !in_transaction()) {
    return;
  }
  try {
    execute("ROLLBACK");
  } catch (const sql_error&) {
    // The database has rolled back by itself then.
  }
}

void connection::set_savepoint() {
  if (std::exchange(is_fresh_, false)) {
    starts_with_savepoint_ = true;
  } else {
    backend_->run_soon(*this, "SAVEPOINT command");
  }
  ++savepoints_;
}

void connection::release_savepoint() {
  if (is_at_beginning()) {
    starts_with_savepoint_ = false;
  } else {
    backend_->run_soon(*this, "RELEASE command");
  }
  --savepoints_;
}

void connection::rollback_to_savepoint() noexcept {
  if (!in_transaction()) {
    return;
  }
  try {
    if (is_at_beginning()) {
      if (!backend_->take_back_begin()) {
        execute("ROLLBACK");
      }
      backend_->run_soon(*this, backend_->begin_statement(is_writing_));
      if (is_waiting_for_locks_) {
        backend_->wait_for_locks(*this);
      }
    } else {
      execute("ROLLBACK TO command");
    }
  } catch (const sql_error&) {
    // Half a command must not be committed with the others.
    rollback();
  }
}

} // namespace dcrf::internal
