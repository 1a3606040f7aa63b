#pragma once

#include <string_view>

namespace dcrf::internal {

/// A text of an HTTP header without the blanks around it.
inline std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace dcrf::internal
