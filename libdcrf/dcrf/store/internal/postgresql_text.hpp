#pragma once

#include "dcrf/model/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Values in the form in which PostgreSQL reads and writes them as text.
namespace dcrf::internal::postgresql {

/// @pre the value is not null
[[nodiscard]] std::string text_of(const value& x);

/// The microseconds since 1970 of a time with time zone, as a session in UTC writes it; empty for
/// infinite times and those outside of the years 1 to 9999.
[[nodiscard]] std::optional<std::int64_t> microseconds_of(std::string_view text);

/// A number without its point, which has this many places; empty for what is no number.
[[nodiscard]] std::optional<std::int64_t> unscaled_of(std::string_view text, std::uint8_t places);

} // namespace dcrf::internal::postgresql
