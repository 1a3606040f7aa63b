#include "dcrf/store/internal/postgresql_result.hpp"

#include "dcrf/store/internal/postgresql_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

namespace dcrf::internal::postgresql {

namespace {

// The numbers of PostgreSQL's own types, which its catalogue fixes for good.
enum type_number : unsigned {
  boolean = 16,
  bytes = 17,
  bigint = 20,
  smallint = 21,
  integer4 = 23,
  real4 = 700,
  real8 = 701,
  time_with_zone = 1184,
  numeric = 1700,
};

constexpr auto not_readable = std::numeric_limits<std::int64_t>::min();

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

std::int64_t number_of(std::string_view text) noexcept {
  std::int64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
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
  if (sqlstate == "23514") {
    return sql_errc::check;
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

bool result::is_error() const noexcept {
  auto x = status();
  return x != PGRES_TUPLES_OK && x != PGRES_COMMAND_OK && x != PGRES_EMPTY_QUERY;
}

std::string_view result::field(int name) const noexcept {
  const auto* found = PQresultErrorField(result_.get(), name);
  return found == nullptr ? "" : found;
}

sql_error result::error() const {
  std::string message{field(PG_DIAG_MESSAGE_PRIMARY)};
  if (message.empty()) {
    message = PQresultErrorMessage(result_.get());
  }
  std::string column{field(PG_DIAG_COLUMN_NAME)};
  if (column.empty() && code_of(field(PG_DIAG_SQLSTATE)) == sql_errc::check) {
    column = field(PG_DIAG_CONSTRAINT_NAME);
  }
  if (column.empty()) {
    column = columns_of(field(PG_DIAG_MESSAGE_DETAIL));
  }
  return {code_of(field(PG_DIAG_SQLSTATE)), message, std::string{field(PG_DIAG_TABLE_NAME)},
          std::move(column)};
}

bool result::is_outdated() const noexcept {
  return is_error() && field(PG_DIAG_SQLSTATE) == "0A000"
         && field(PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
}

bool result::is_cancelled() const noexcept {
  return is_error() && field(PG_DIAG_SQLSTATE) == "57014";
}

std::string_view result::command() const noexcept {
  return result_ ? PQcmdStatus(result_.get()) : "";
}

std::int64_t result::changed_rows() const noexcept {
  return result_ ? number_of(PQcmdTuples(result_.get())) : 0;
}

unsigned result::type_number(std::size_t column) const noexcept {
  return PQftype(result_.get(), static_cast<int>(column));
}

// The decimals of a column of the type numeric; 0 if it has no fixed ones.
std::uint8_t result::places(std::size_t column) const noexcept {
  // Four bytes of a header are counted in; below are the digits and the decimals.
  auto modifier = PQfmod(result_.get(), static_cast<int>(column)) - 4;
  return modifier < 0 ? 0 : static_cast<std::uint8_t>(modifier & 0x7f);
}

storage result::type(std::size_t column) const {
  if (PQgetisnull(result_.get(), row_, static_cast<int>(column)) != 0) {
    return storage::null;
  }
  switch (type_number(column)) {
  case boolean:
  case bigint:
  case smallint:
  case integer4:
  case time_with_zone:
    return storage::integer;
  case numeric:
    return unscaled_of(text(column), places(column)) ? storage::integer : storage::text;
  case real4:
  case real8:
    return storage::real;
  case bytes:
    return storage::blob;
  default:
    return storage::text;
  }
}

std::int64_t result::integer(std::size_t column) const {
  auto from = text(column);
  switch (type_number(column)) {
  case boolean:
    return from == "t" ? 1 : 0;
  case time_with_zone:
    return microseconds_of(from).value_or(not_readable);
  case numeric:
    return unscaled_of(from, places(column)).value_or(not_readable);
  default:
    return number_of(from);
  }
}

double result::real(std::size_t column) const {
  // Reads "Infinity" and "NaN", too; the text ends with a NUL.
  return std::strtod(text(column).data(), nullptr);
}

std::string_view result::text(std::size_t column) const {
  auto index = static_cast<int>(column);
  return {PQgetvalue(result_.get(), row_, index),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, index))};
}

} // namespace dcrf::internal::postgresql
