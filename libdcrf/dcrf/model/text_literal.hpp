#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace dcrf {

/// Lets a string literal be a template argument: `action<"join_room", …>`.
template <std::size_t N>
struct text_literal {
  char characters[N];

  constexpr text_literal(const char (&text)[N]) { // NOLINT: a literal is what it stands for
    std::copy_n(text, N, characters);
  }

  [[nodiscard]] constexpr std::string_view view() const { return {characters, N - 1}; }
};

} // namespace dcrf
