#include "dcrf/store/internal/sqlite.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace dcrf::internal::sqlite {

namespace {

sqlite_api::sqlite3* handle(soci::session& session) noexcept {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

soci::sqlite3_statement_backend& backend(const soci::statement& x) noexcept {
  auto* base = const_cast<soci::statement&>(x).get_backend();
  return *static_cast<soci::sqlite3_statement_backend*>(base);
}

sqlite_api::sqlite3_stmt* handle(const soci::statement& x) noexcept { return backend(x).stmt_; }

sql_errc code_of(int extended) noexcept {
  switch (extended) {
  case SQLITE_CONSTRAINT_UNIQUE:
  case SQLITE_CONSTRAINT_PRIMARYKEY:
  case SQLITE_CONSTRAINT_ROWID:
    return sql_errc::unique;
  case SQLITE_CONSTRAINT_FOREIGNKEY:
    return sql_errc::foreign_key;
  case SQLITE_CONSTRAINT_NOTNULL:
    return sql_errc::not_null;
  case SQLITE_CONSTRAINT_TRIGGER:
    return sql_errc::check;
  default:
    break;
  }
  switch (extended & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_FULL:
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
  case SQLITE_INTERRUPT:
  case SQLITE_READONLY:
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_PERM:
  case SQLITE_NOMEM:
    return sql_errc::unavailable;
  default:
    return sql_errc::other;
  }
}

// "table.column, table.column" as "column, column".
std::string without_table(std::string columns, const std::string& prefix) {
  for (auto at = columns.find(prefix); at != std::string::npos; at = columns.find(prefix, at)) {
    columns.erase(at, prefix.size());
  }
  return columns;
}

} // namespace

sql_error error_of(soci::session& session, const soci::soci_error& error) {
  auto* connection = handle(session);
  auto code = code_of(sqlite_api::sqlite3_extended_errcode(connection));
  std::string text = sqlite_api::sqlite3_errmsg(connection);
  if (sqlite_api::sqlite3_errcode(connection) == SQLITE_OK) {
    // An error of SOCI itself.
    text = error.what();
  }
  // "UNIQUE constraint failed: table.column, table.column"
  std::string table;
  std::string column;
  if (code == sql_errc::check) {
    // A trigger of the table's model raises `check table.name failed`; others raise what they like.
    constexpr std::string_view opening = "check ";
    constexpr std::string_view closing = " failed";
    if (!text.starts_with(opening) || !text.ends_with(closing)) {
      return {sql_errc::other, text};
    }
    auto where = text.substr(opening.size(), text.size() - opening.size() - closing.size());
    auto dot = std::min(where.rfind('.'), where.size());
    return {code, text, where.substr(0, dot), where.substr(std::min(dot + 1, where.size()))};
  }
  auto place = text.rfind("failed: ");
  if (code != sql_errc::foreign_key && place != std::string::npos) {
    auto where = text.substr(place + 8);
    auto dot = where.find('.');
    if (dot != std::string::npos) {
      table = where.substr(0, dot);
      column = without_table(where, table + '.');
    }
  }
  return {code, text, std::move(table), std::move(column)};
}

bool next_row(soci::statement& x) {
  return backend(x).fetch(1) == soci::details::statement_backend::ef_success;
}

void reset(soci::statement& x) noexcept {
  if (auto* prepared = handle(x)) {
    sqlite_api::sqlite3_reset(prepared);
  }
}

std::size_t columns(const soci::statement& x) {
  return static_cast<std::size_t>(sqlite_api::sqlite3_column_count(handle(x)));
}

storage type(const soci::statement& x, std::size_t column) {
  switch (sqlite_api::sqlite3_column_type(handle(x), static_cast<int>(column))) {
  case SQLITE_INTEGER:
    return storage::integer;
  case SQLITE_FLOAT:
    return storage::real;
  case SQLITE_TEXT:
    return storage::text;
  case SQLITE_BLOB:
    return storage::blob;
  default:
    return storage::null;
  }
}

std::int64_t integer(const soci::statement& x, std::size_t column) {
  return sqlite_api::sqlite3_column_int64(handle(x), static_cast<int>(column));
}

double real(const soci::statement& x, std::size_t column) {
  return sqlite_api::sqlite3_column_double(handle(x), static_cast<int>(column));
}

std::string_view text(const soci::statement& x, std::size_t column) {
  auto index = static_cast<int>(column);
  const auto* bytes = sqlite_api::sqlite3_column_text(handle(x), index);
  auto size = static_cast<std::size_t>(sqlite_api::sqlite3_column_bytes(handle(x), index));
  return {reinterpret_cast<const char*>(bytes), bytes == nullptr ? 0 : size};
}

bool in_transaction(soci::session& session) noexcept {
  return sqlite_api::sqlite3_get_autocommit(handle(session)) == 0;
}

bool has_dangling_references(soci::session& session) noexcept {
  int current = 0;
  int highest = 0;
  sqlite_api::sqlite3_db_status(handle(session), SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest,
                                0);
  return current != 0;
}

std::int64_t last_insert_id(soci::session& session) noexcept {
  return sqlite_api::sqlite3_last_insert_rowid(handle(session));
}

std::int64_t changed_rows(soci::session& session) noexcept {
  return sqlite_api::sqlite3_changes64(handle(session));
}

std::int64_t all_changes(soci::session& session) noexcept {
  return sqlite_api::sqlite3_total_changes64(handle(session));
}

bool is_read_only(soci::session& session) noexcept {
  return sqlite_api::sqlite3_db_readonly(handle(session), "main") == 1;
}

void keep_log(soci::session& session) noexcept {
  sqlite_api::sqlite3_db_config(handle(session), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void set_busy_timeout(soci::session& session, int milliseconds) noexcept {
  sqlite_api::sqlite3_busy_timeout(handle(session), milliseconds);
}

void extend_log(soci::session& session, std::int64_t size) noexcept {
  static constexpr std::array<char, 65536> zeros{};
  sqlite_api::sqlite3_file* log = nullptr;
  auto code =
      sqlite_api::sqlite3_file_control(handle(session), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code != SQLITE_OK || log == nullptr || log->pMethods == nullptr) {
    return;
  }
  sqlite_api::sqlite3_int64 end = 0;
  code = log->pMethods->xFileSize(log, &end);
  while (code == SQLITE_OK && end < size) {
    auto count = std::min<std::int64_t>(size - end, zeros.size());
    code = log->pMethods->xWrite(log, zeros.data(), static_cast<int>(count), end);
    end += count;
  }
}

void limit_steps(soci::session& session, std::int64_t& left) noexcept {
  constexpr int interval = 1000;
  auto count_down = [](void* steps) {
    auto& rest = *static_cast<std::int64_t*>(steps);
    rest -= interval;
    return rest < 0 ? 1 : 0;
  };
  sqlite_api::sqlite3_progress_handler(handle(session), interval, count_down, &left);
}

} // namespace dcrf::internal::sqlite
