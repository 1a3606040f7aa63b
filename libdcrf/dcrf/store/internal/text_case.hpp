#pragma once

#include <string>
#include <string_view>

namespace dcrf::internal {

/// A text without the difference of case, by Unicode's rules: texts that differ in case only have
/// the same one. What is no UTF-8 stays as it is.
[[nodiscard]] std::string folded(std::string_view text);

} // namespace dcrf::internal
