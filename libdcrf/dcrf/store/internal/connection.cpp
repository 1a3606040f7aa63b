#include "dcrf/store/internal/connection.hpp"

#include <fmt/format.h>

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
  if (!backend_->is_lost()) {
    return;
  }
  statements_.clear();
  backend_->reconnect();
  backend_->configure(*this);
}

void connection::begin(bool for_writing) {
  restore();
  try {
    execute(backend_->begin_statement(for_writing));
  } catch (const sql_error&) {
    // A connection that died while nobody used it has lost nothing.
    if (!backend_->is_lost()) {
      throw;
    }
    restore();
    execute(backend_->begin_statement(for_writing));
  }
}

void connection::commit() { execute("COMMIT"); }

void connection::rollback() noexcept {
  if (!in_transaction()) {
    return;
  }
  try {
    execute("ROLLBACK");
  } catch (const sql_error&) {
    // The database has rolled back by itself then.
  }
}

void connection::set_savepoint() { execute("SAVEPOINT command"); }

void connection::release_savepoint() { execute("RELEASE command"); }

void connection::rollback_to_savepoint() noexcept {
  if (!in_transaction()) {
    return;
  }
  try {
    execute("ROLLBACK TO command");
  } catch (const sql_error&) {
    // Half a command must not be committed with the others.
    rollback();
  }
}

} // namespace dcrf::internal
