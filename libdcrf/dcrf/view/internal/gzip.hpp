#pragma once

#include <string>
#include <string_view>

namespace dcrf::internal {

/// A text as `Content-Encoding: gzip` sends it (RFC 1952), as small as can be. Takes its time.
[[nodiscard]] std::string gzip(std::string_view text);

} // namespace dcrf::internal
