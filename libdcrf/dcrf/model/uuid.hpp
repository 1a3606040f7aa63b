#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf {

/// A universally unique identifier (RFC 4122).
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// A random one (version 4), from the system's generator. Safe to call from any thread.
  static uuid random();

  /// Reads 32 hexadecimal digits of either case, as Python does: with hyphens anywhere or without,
  /// in braces, after `urn:uuid:`.
  static std::optional<uuid> parse(std::string_view text);

  [[nodiscard]] bool is_nil() const noexcept { return *this == uuid{}; }

  /// Lower case with hyphens.
  [[nodiscard]] std::string to_string() const;
  void append_to(std::string& out) const;

  friend auto operator<=>(const uuid&, const uuid&) = default;
};

} // namespace dcrf
