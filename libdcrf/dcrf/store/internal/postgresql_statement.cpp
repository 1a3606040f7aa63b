#include "dcrf/store/internal/postgresql_statement.hpp"

#include "dcrf/store/internal/postgresql.hpp"
#include "dcrf/store/internal/postgresql_text.hpp"

#include <charconv>
#include <cstdlib>
#include <limits>

namespace dcrf::internal {

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

} // namespace

void postgresql_statement::bind(std::size_t index, const value& x) {
  if (index >= slots_.size()) {
    slots_.resize(index + 1);
    prepared_.reset();
  }
  auto& to = slots_[index];
  to.indicator = is_null(x) ? soci::i_null : soci::i_ok;
  to.text = postgresql::text_of(x);
  // The client library would take what is before the NUL for all of it.
  if (to.text.find('\0') != std::string::npos) {
    throw sql_error(sql_errc::other, "a text with a NUL in it can't be kept in PostgreSQL");
  }
}

void postgresql_statement::prepare() {
  prepared_.emplace(session_);
  prepared_->alloc();
  try {
    prepared_->prepare(sql());
  } catch (...) {
    // The next execution shall try again: tables may have been created meanwhile.
    prepared_.reset();
    throw;
  }
  bind_slots();
}

void postgresql_statement::bind_slots() {
  for (auto& x : slots_) {
    prepared_->exchange(soci::use(x.text, x.indicator));
  }
  prepared_->define_and_bind();
}

bool postgresql_statement::execute() {
  try {
    if (!prepared_) {
      prepare();
    }
    row_ = 0;
    auto found = prepared_->execute(true);
    // A transaction that failed is rolled back by COMMIT, which is not told as an error.
    if (sql() == "COMMIT" && postgresql::command_of(*prepared_) != sql()) {
      throw sql_error(sql_errc::other, "the transaction was rolled back");
    }
    return found;
  } catch (const soci::soci_error& e) {
    auto error = postgresql::error_of(session_, prepared_, e);
    if (prepared_) {
      // After an error SOCI keeps the buffers of the parameters, and forgets them with the next
      // execution: they are let go of here.
      prepared_->bind_clean_up();
      bind_slots();
    }
    throw error;
  }
}

bool postgresql_statement::next() { return ++row_ < postgresql::row_count(*prepared_); }

void postgresql_statement::reset() noexcept {
  if (prepared_) {
    postgresql::clear(*prepared_);
  }
}

std::int64_t postgresql_statement::changed_rows() { return postgresql::changed_rows(*prepared_); }

storage postgresql_statement::type(std::size_t column) const {
  if (postgresql::is_null(*prepared_, row_, column)) {
    return storage::null;
  }
  switch (postgresql::type(*prepared_, column)) {
  case boolean:
  case bigint:
  case smallint:
  case integer4:
  case time_with_zone:
    return storage::integer;
  case numeric:
    return postgresql::unscaled_of(text(column), postgresql::places(*prepared_, column))
               ? storage::integer
               : storage::text;
  case real4:
  case real8:
    return storage::real;
  case bytes:
    return storage::blob;
  default:
    return storage::text;
  }
}

std::int64_t postgresql_statement::integer(std::size_t column) const {
  auto from = text(column);
  switch (postgresql::type(*prepared_, column)) {
  case boolean:
    return from == "t" ? 1 : 0;
  case time_with_zone:
    return postgresql::microseconds_of(from).value_or(not_readable);
  case numeric:
    return postgresql::unscaled_of(from, postgresql::places(*prepared_, column))
        .value_or(not_readable);
  default:
    break;
  }
  std::int64_t result = 0;
  std::from_chars(from.data(), from.data() + from.size(), result);
  return result;
}

double postgresql_statement::real(std::size_t column) const {
  // Reads "Infinity" and "NaN", too; the text ends with a NUL.
  return std::strtod(text(column).data(), nullptr);
}

std::string_view postgresql_statement::text(std::size_t column) const {
  return postgresql::text(*prepared_, row_, column);
}

} // namespace dcrf::internal
