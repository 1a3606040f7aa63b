#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf {

/// An exact decimal number: `unscaled` / 10^`places`, with at most 18 digits. A field gives all its
/// numbers the same number of places, so that they are stored and compared as integers.
struct decimal {
  std::int64_t unscaled = 0;
  std::uint8_t places = 0;

  static constexpr int max_digits = 18;

  /// What a number's text says about its size, before it is fitted into a field.
  struct shape {
    int digits = 0;
    int places = 0;
    int whole_digits = 0;
  };

  /// Counts the digits of a number written with an optional sign, point and exponent, as Python's
  /// `decimal.Decimal` does. Empty if `text` is no finite number.
  static std::optional<shape> measure(std::string_view text);

  /// Reads a number and keeps its places. Empty if it is no finite number or needs more than 18
  /// digits.
  static std::optional<decimal> parse(std::string_view text);

  /// The same number with another number of places; empty if digits would be lost.
  [[nodiscard]] std::optional<decimal> rescaled(std::uint8_t to_places) const;

  /// With exactly `places` decimals: "1.50".
  [[nodiscard]] std::string to_string() const;
  void append_to(std::string& out) const;

  /// Compares the numbers, whatever their places.
  friend std::strong_ordering operator<=>(const decimal& lhs, const decimal& rhs);
  friend bool operator==(const decimal& lhs, const decimal& rhs) { return (lhs <=> rhs) == 0; }
};

} // namespace dcrf
