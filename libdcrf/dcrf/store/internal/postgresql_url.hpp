#pragma once

#include "dcrf/store/database.hpp"

#include <string>
#include <string_view>

namespace dcrf::internal::postgresql {

[[nodiscard]] bool is_url(std::string_view url) noexcept;

/// What the client library connects with: all that the URL says, and, where it says nothing, bounds
/// for how long a server that does not answer is waited for.
/// @throws store_failure
[[nodiscard]] std::string connect_string(const database_options& options);

} // namespace dcrf::internal::postgresql
