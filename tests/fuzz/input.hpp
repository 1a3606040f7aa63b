// What a target is given, as texts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace fuzz {

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// Takes the first line off a text.
inline std::string_view next_line(std::string_view& rest) {
  auto result = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), result.size() + 1));
  return result;
}

/// Ends the run with an input that shows a fault.
inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

} // namespace fuzz
