#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What DRF says of numbers beyond the bounds of their field.
namespace dcrf::internal {

inline constexpr std::string_view no_number_message = "A valid number is required.";

[[nodiscard]] inline std::string too_large_message(std::int64_t maximum) {
  return "Ensure this value is less than or equal to " + std::to_string(maximum) + '.';
}

[[nodiscard]] inline std::string too_small_message(std::int64_t minimum) {
  return "Ensure this value is greater than or equal to " + std::to_string(minimum) + '.';
}

[[nodiscard]] inline std::string too_many_digits_message(int digits) {
  return "Ensure that there are no more than " + std::to_string(digits) + " digits in total.";
}

} // namespace dcrf::internal
