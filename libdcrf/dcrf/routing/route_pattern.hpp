#pragma once

#include "dcrf/protocol/scope.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// A pattern for paths, as Django's `path()` takes them: `/ws/talk/<int:number>/<slug:name>/`.
///
/// | converter | matches |
/// | --- | --- |
/// | `str` (if none is named) | one or more characters but `/` |
/// | `int` | one or more digits |
/// | `slug` | one or more of letters, digits, `-`, `_` |
/// | `uuid` | a lower-case UUID with hyphens |
/// | `path` | one or more characters, `/` too |
///
/// The whole path must match, the final slash included. A parameter takes as much as the rest of
/// the pattern leaves it; the time it takes grows with the length of the path, and no faster.
class route_pattern {
public:
  /// @throws std::invalid_argument if the pattern does not start with `/`, names a converter that
  /// there
  ///         is not, or is otherwise malformed
  explicit route_pattern(std::string_view pattern);

  /// The parameters of a path that matches.
  [[nodiscard]] std::optional<scope::pairs> match(std::string_view path) const;

  /// Whether the same paths match, whatever the parameters are called.
  [[nodiscard]] bool matches_as(const route_pattern& other) const noexcept;

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  enum class converter : std::uint8_t { literal, str, integer, slug, uuid, path };

  // A literal's text, or a parameter's name.
  struct part {
    converter kind;
    std::string text;
  };

  static part parameter(std::string_view definition);
  static std::size_t longest(const part& x, std::string_view text);
  static std::size_t shortest(const part& x) noexcept;
  static std::size_t end_of(const part& x, std::size_t start, std::size_t reach,
                            const std::size_t* rest) noexcept;
  static void find_starts(const part& x, std::string_view path, const std::size_t* rest,
                          std::size_t* starts);

  std::string text_;
  std::vector<part> parts_;
};

} // namespace dcrf
