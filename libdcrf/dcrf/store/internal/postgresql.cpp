#include "dcrf/store/internal/postgresql.hpp"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <charconv>
#include <string>

namespace dcrf::internal::postgresql {

namespace {

// SOCI keeps the type information of its backends to itself, which the check would want to see.
[[gnu::no_sanitize("vptr")]] PGconn* handle(soci::session& session) noexcept {
  auto* backend = static_cast<soci::postgresql_session_backend*>(session.get_backend());
  return backend == nullptr ? nullptr : backend->conn_;
}

// soci::statement::get_backend() is not const.
[[gnu::no_sanitize("vptr")]] soci::postgresql_statement_backend&
backend(const soci::statement& x) noexcept {
  auto* base = const_cast<soci::statement&>(x).get_backend();
  return *static_cast<soci::postgresql_statement_backend*>(base);
}

[[gnu::no_sanitize("vptr")]] PGresult* result_of(const soci::statement& x) noexcept {
  return backend(x).result_.get_result();
}

std::string_view field_of(const PGresult* result, int field) {
  const auto* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

// "Key (column, column)=(value, value) already exists.", in whatever language; columns in quotes if
// need be.
std::string columns_of(std::string_view detail) {
  auto begin = detail.find('(');
  auto end = detail.find(")=(");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return {};
  }
  std::string result{detail.substr(begin + 1, end - begin - 1)};
  std::erase(result, '"');
  return result;
}

std::string without_line_break(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

} // namespace

sql_errc code_of(std::string_view sqlstate) noexcept {
  if (sqlstate == "23505") {
    return sql_errc::unique;
  }
  if (sqlstate == "23503" || sqlstate == "23001") {
    return sql_errc::foreign_key;
  }
  if (sqlstate == "23502") {
    return sql_errc::not_null;
  }
  if (sqlstate == "40001" || sqlstate == "40P01") {
    return sql_errc::conflict;
  }
  if (sqlstate == "55P03") {
    return sql_errc::locked;
  }
  // The connection; resources; the operator's intervention and cancelled statements; a transaction
  // that was idle too long; a standby.
  for (auto prefix : {"08", "53", "57", "58", "25P03", "25006"}) {
    if (sqlstate.starts_with(prefix)) {
      return sql_errc::unavailable;
    }
  }
  return sql_errc::other;
}

sql_error error_of(soci::session& session, const std::optional<soci::statement>& failed,
                   const soci::soci_error& error) {
  const auto* result = failed ? result_of(*failed) : nullptr;
  const auto* of_server = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  std::string state{field_of(result, PG_DIAG_SQLSTATE)};
  if (state.empty() && of_server != nullptr) {
    state = of_server->sqlstate();
  }
  std::string text{field_of(result, PG_DIAG_MESSAGE_PRIMARY)};
  if (text.empty()) {
    text = without_line_break(error.what());
  }
  if (!is_connected(session)) {
    return {sql_errc::unavailable, text};
  }
  std::string column{field_of(result, PG_DIAG_COLUMN_NAME)};
  if (column.empty()) {
    column = columns_of(field_of(result, PG_DIAG_MESSAGE_DETAIL));
  }
  return {code_of(state), text, std::string{field_of(result, PG_DIAG_TABLE_NAME)},
          std::move(column)};
}

bool is_connected(soci::session& session) noexcept {
  auto* connection = handle(session);
  return connection != nullptr && PQstatus(connection) == CONNECTION_OK;
}

bool in_transaction(soci::session& session) noexcept {
  auto* connection = handle(session);
  if (connection == nullptr) {
    return false;
  }
  auto status = PQtransactionStatus(connection);
  return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

std::string_view setting(soci::session& session, const char* name) noexcept {
  const auto* text = PQparameterStatus(handle(session), name);
  return text == nullptr ? "" : text;
}

std::string_view command_of(const soci::statement& x) noexcept {
  const auto* text = PQcmdStatus(result_of(x));
  return text == nullptr ? "" : text;
}

std::int64_t changed_rows(const soci::statement& x) noexcept {
  std::string_view text = PQcmdTuples(result_of(x));
  std::int64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

int row_count(const soci::statement& x) noexcept { return PQntuples(result_of(x)); }

bool is_null(const soci::statement& x, int row, std::size_t column) noexcept {
  return PQgetisnull(result_of(x), row, static_cast<int>(column)) != 0;
}

std::string_view text(const soci::statement& x, int row, std::size_t column) noexcept {
  const auto* result = result_of(x);
  auto index = static_cast<int>(column);
  return {PQgetvalue(result, row, index),
          static_cast<std::size_t>(PQgetlength(result, row, index))};
}

unsigned type(const soci::statement& x, std::size_t column) noexcept {
  return PQftype(result_of(x), static_cast<int>(column));
}

std::uint8_t places(const soci::statement& x, std::size_t column) noexcept {
  // Four bytes of a header are counted in; below are the digits and the decimals.
  auto modifier = PQfmod(result_of(x), static_cast<int>(column)) - 4;
  return modifier < 0 ? 0 : static_cast<std::uint8_t>(modifier & 0x7f);
}

[[gnu::no_sanitize("vptr")]] void clear(soci::statement& x) noexcept { backend(x).result_.reset(); }

} // namespace dcrf::internal::postgresql
