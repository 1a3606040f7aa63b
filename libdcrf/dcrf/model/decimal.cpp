#include "dcrf/model/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace dcrf {

namespace {

__extension__ using wide_integer = __int128;

constexpr auto powers_of_ten = [] {
  std::array<std::int64_t, decimal::max_digits + 1> result{};
  std::uint64_t power = 1;
  for (auto& x : result) {
    x = static_cast<std::int64_t>(power);
    power *= 10;
  }
  return result;
}();

// Exponents beyond this are all the same: too large for any field.
constexpr int max_exponent = 1'000'000;

// A number as it was written: (-) `whole` `fraction` * 10^(exponent - fraction.size()).
struct scanned_number {
  bool is_negative = false;
  std::string_view whole;
  std::string_view fraction;
  int exponent = 0;

  // Of the last digit, as Python's Decimal.as_tuple() has it.
  [[nodiscard]] int last_exponent() const { return exponent - static_cast<int>(fraction.size()); }

  // The digits without leading zeros; at least one.
  [[nodiscard]] int significant_digits() const {
    auto zeros = std::min(whole.find_first_not_of('0'), whole.size());
    auto digits = whole.size() - zeros;
    if (digits == 0) {
      zeros = std::min(fraction.find_first_not_of('0'), fraction.size());
      digits = zeros == fraction.size() ? 1 : fraction.size() - zeros;
    } else {
      digits += fraction.size();
    }
    return static_cast<int>(digits);
  }
};

std::string_view take_digits(std::string_view& text) {
  auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  auto result = text.substr(0, end);
  text.remove_prefix(end);
  return result;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == one_of.npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<int> scan_exponent(std::string_view text) {
  bool is_negative = text.starts_with('-');
  take(text, "+-");
  auto digits = take_digits(text);
  if (digits.empty() || !text.empty()) {
    return std::nullopt;
  }
  // Beyond this it is no number for Python.
  constexpr std::int64_t largest = 999'999'999'999'999'999;
  std::int64_t read = 0;
  auto error = std::from_chars(digits.data(), digits.data() + digits.size(), read).ec;
  if (error != std::errc{} || read > largest) {
    return std::nullopt;
  }
  auto result = static_cast<int>(std::min(read, std::int64_t{max_exponent}));
  return is_negative ? -result : result;
}

std::optional<scanned_number> scan(std::string_view text) {
  // A longer text can't be a number of 18 digits, and lengths must fit into an int.
  if (text.size() > max_exponent) {
    return std::nullopt;
  }
  scanned_number result;
  result.is_negative = text.starts_with('-');
  take(text, "+-");
  result.whole = take_digits(text);
  if (take(text, ".")) {
    result.fraction = take_digits(text);
  }
  if (result.whole.empty() && result.fraction.empty()) {
    return std::nullopt;
  }
  if (take(text, "eE")) {
    auto exponent = scan_exponent(text);
    if (!exponent) {
      return std::nullopt;
    }
    result.exponent = *exponent;
  } else if (!text.empty()) {
    return std::nullopt;
  }
  return result;
}

decimal::shape shape_of(const scanned_number& number) {
  auto digits = number.significant_digits();
  auto exponent = number.last_exponent();
  if (exponent >= 0) {
    return {.digits = digits + exponent, .places = 0, .whole_digits = digits + exponent};
  }
  if (digits > -exponent) {
    return {.digits = digits, .places = -exponent, .whole_digits = digits + exponent};
  }
  return {.digits = -exponent, .places = -exponent, .whole_digits = 0};
}

} // namespace

std::optional<decimal::shape> decimal::measure(std::string_view text) {
  auto number = scan(text);
  if (!number) {
    return std::nullopt;
  }
  return shape_of(*number);
}

std::optional<decimal> decimal::parse(std::string_view text) {
  auto number = scan(text);
  if (!number) {
    return std::nullopt;
  }
  auto shape = shape_of(*number);
  if (shape.digits > max_digits) {
    return std::nullopt;
  }
  decimal result;
  result.places = static_cast<std::uint8_t>(shape.places);
  for (auto digits : {number->whole, number->fraction}) {
    for (char digit : digits) {
      result.unscaled = result.unscaled * 10 + (digit - '0');
    }
  }
  if (number->last_exponent() > 0) {
    result.unscaled *= powers_of_ten[static_cast<std::size_t>(number->last_exponent())];
  }
  if (number->is_negative) {
    result.unscaled = -result.unscaled;
  }
  return result;
}

std::optional<decimal> decimal::rescaled(std::uint8_t to_places) const {
  if (to_places > max_digits || places > max_digits) {
    return std::nullopt;
  }
  if (to_places < places) {
    auto power = powers_of_ten[static_cast<std::size_t>(places - to_places)];
    if (unscaled % power != 0) {
      return std::nullopt;
    }
    return decimal{.unscaled = unscaled / power, .places = to_places};
  }
  auto power = powers_of_ten[static_cast<std::size_t>(to_places - places)];
  auto result = wide_integer{unscaled} * power;
  if (result >= powers_of_ten[max_digits] || result <= -powers_of_ten[max_digits]) {
    return std::nullopt;
  }
  return decimal{.unscaled = static_cast<std::int64_t>(result), .places = to_places};
}

std::string decimal::to_string() const {
  std::string result;
  append_to(result);
  return result;
}

void decimal::append_to(std::string& out) const {
  if (unscaled < 0) {
    out += '-';
  }
  auto magnitude = unscaled < 0 ? 0 - static_cast<std::uint64_t>(unscaled)
                                : static_cast<std::uint64_t>(unscaled);
  std::array<char, 20> buffer;
  auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude).ptr;
  std::string_view digits{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  if (digits.size() > places) {
    out += digits.substr(0, digits.size() - places);
  } else {
    out += '0';
  }
  if (places > 0) {
    out += '.';
    out.append(places - std::min<std::size_t>(places, digits.size()), '0');
    out += digits.substr(digits.size() - std::min<std::size_t>(places, digits.size()));
  }
}

std::strong_ordering operator<=>(const decimal& lhs, const decimal& rhs) {
  auto places = std::max(lhs.places, rhs.places);
  auto scaled = [&](const decimal& x) {
    return wide_integer{x.unscaled} * powers_of_ten[static_cast<std::size_t>(places - x.places)];
  };
  auto left = scaled(lhs);
  auto right = scaled(rhs);
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

} // namespace dcrf
