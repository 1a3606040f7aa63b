#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf {

/// A day of the proleptic Gregorian calendar, in the years 1 to 9999.
struct date {
  std::chrono::sys_days days{};

  /// Reads `YYYY-MM-DD`; month and day may have one digit, as DRF takes them.
  static std::optional<date> parse(std::string_view text);

  /// `YYYY-MM-DD`.
  [[nodiscard]] std::string to_string() const;
  void append_to(std::string& out) const;

  friend auto operator<=>(const date&, const date&) = default;
};

/// A point in time, in UTC, with microseconds, in the years 1 to 9999.
struct timestamp {
  std::chrono::sys_time<std::chrono::microseconds> time{};

  static timestamp now();

  static timestamp from_microseconds(std::int64_t since_epoch) {
    return {
        std::chrono::sys_time<std::chrono::microseconds>{std::chrono::microseconds{since_epoch}}};
  }

  /// Reads ISO 8601 as DRF takes it: `YYYY-MM-DD`, `T` or a blank, `hh:mm[:ss[.ffffff]]`, then
  /// nothing (UTC), `Z`, `+HH:MM` or `-HH:MM`.
  static std::optional<timestamp> parse(std::string_view text);

  /// Whether `parse` refuses a text only because its offset leads beyond the years 1 to 9999.
  static bool overflows(std::string_view text);

  [[nodiscard]] std::int64_t microseconds() const noexcept {
    return time.time_since_epoch().count();
  }

  /// `YYYY-MM-DDThh:mm:ssZ`, with six decimals of the second if they are not zero.
  [[nodiscard]] std::string to_string() const;
  void append_to(std::string& out) const;

  friend auto operator<=>(const timestamp&, const timestamp&) = default;
};

} // namespace dcrf
