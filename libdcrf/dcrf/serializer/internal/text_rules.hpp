#pragma once

#include <cstddef>
#include <string_view>

namespace dcrf::internal {

/// Without what Python's `str.strip` cuts off: the white space of Unicode.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The number of Unicode code points in UTF-8.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

/// Whether a text is an e-mail address, as Django's EmailValidator sees it.
[[nodiscard]] bool is_email_address(std::string_view text);

} // namespace dcrf::internal
