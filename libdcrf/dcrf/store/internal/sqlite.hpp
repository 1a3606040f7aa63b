#pragma once

#include "dcrf/store/internal/sql_error.hpp"
#include "dcrf/store/internal/statement.hpp"

#include <soci/soci.h>

#include <string>

/// What SOCI has no word for, said to SQLite through the handles that SOCI holds.
namespace dcrf::internal::sqlite {

[[nodiscard]] sql_error error_of(soci::session& session, const soci::soci_error& error);

bool next_row(soci::statement& x);
void reset(soci::statement& x) noexcept;

// soci::statement::get_backend() is not const.
[[nodiscard]] std::size_t columns(const soci::statement& x);
[[nodiscard]] storage type(const soci::statement& x, std::size_t column);
[[nodiscard]] std::int64_t integer(const soci::statement& x, std::size_t column);
[[nodiscard]] double real(const soci::statement& x, std::size_t column);
[[nodiscard]] std::string_view text(const soci::statement& x, std::size_t column);

[[nodiscard]] bool in_transaction(soci::session& session) noexcept;
/// Whether some row refers to one that is not there: the transaction could not be committed so.
[[nodiscard]] bool has_dangling_references(soci::session& session) noexcept;
[[nodiscard]] std::int64_t last_insert_id(soci::session& session) noexcept;
/// The number of rows that the last insert, update or delete touched.
[[nodiscard]] std::int64_t changed_rows(soci::session& session) noexcept;
/// The number of rows that were touched since the connection was opened, by triggers too.
[[nodiscard]] std::int64_t all_changes(soci::session& session) noexcept;
/// Whether the file could only be opened for reading.
[[nodiscard]] bool is_read_only(soci::session& session) noexcept;
/// The end of the connection neither writes the log back nor removes it.
void keep_log(soci::session& session) noexcept;
void set_busy_timeout(soci::session& session, int milliseconds) noexcept;
/// Fills the log with zeros up to a size. Whoever reads it stops at the first page that is none.
/// @pre a transaction is open for writing
void extend_log(soci::session& session, std::int64_t size) noexcept;
/// Counts the steps of the statements down from `left`, by the thousand, and interrupts one that
/// makes it negative.
void limit_steps(soci::session& session, std::int64_t& left) noexcept;

} // namespace dcrf::internal::sqlite
