#pragma once

#include "dcrf/store/internal/sql_error.hpp"

#include <soci/soci.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// What SOCI has no word for, said to PostgreSQL's client library through the handles that SOCI
/// holds.
namespace dcrf::internal::postgresql {

[[nodiscard]] sql_errc code_of(std::string_view sqlstate) noexcept;

/// @param failed the statement that ran, if it could be prepared
[[nodiscard]] sql_error error_of(soci::session& session,
                                 const std::optional<soci::statement>& failed,
                                 const soci::soci_error& error);

// -- a connection ---------------------------------------------------------------------------------

[[nodiscard]] bool is_connected(soci::session& session) noexcept;
[[nodiscard]] bool in_transaction(soci::session& session) noexcept;
/// What the server says of itself: `server_encoding`, say.
[[nodiscard]] std::string_view setting(soci::session& session, const char* name) noexcept;

// -- the rows of an execution, counted from 0 -----------------------------------------------------

/// What was done: `COMMIT`, `INSERT 0 1`.
[[nodiscard]] std::string_view command_of(const soci::statement& x) noexcept;
[[nodiscard]] std::int64_t changed_rows(const soci::statement& x) noexcept;
[[nodiscard]] int row_count(const soci::statement& x) noexcept;
[[nodiscard]] bool is_null(const soci::statement& x, int row, std::size_t column) noexcept;
[[nodiscard]] std::string_view text(const soci::statement& x, int row, std::size_t column) noexcept;
/// The number of a column's type.
[[nodiscard]] unsigned type(const soci::statement& x, std::size_t column) noexcept;
/// The decimals of a column of the type numeric; 0 if it has no fixed ones.
[[nodiscard]] std::uint8_t places(const soci::statement& x, std::size_t column) noexcept;
/// Lets go of the rows.
void clear(soci::statement& x) noexcept;

} // namespace dcrf::internal::postgresql
