#include "dcrf/serializer/internal/field_value.hpp"

#include "dcrf/model/internal/bounds.hpp"
#include "dcrf/serializer/internal/text_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <system_error>

namespace dcrf::internal {

namespace {

// -- bounds ---------------------------------------------------------------------------------------

template <class Number, class FromBound>
void check_bounds(const field_descriptor& field, const Number& x, FromBound from_bound,
                  field_errors& errors) {
  if (field.maximum && x > from_bound(*field.maximum)) {
    errors.add(too_large_message(*field.maximum));
  }
  if (field.minimum && x < from_bound(*field.minimum)) {
    errors.add(too_small_message(*field.minimum));
  }
}

// -- numbers --------------------------------------------------------------------------------------

struct parsed_integer {
  std::errc error{};
  std::int64_t x = 0;
  bool is_negative = false;
};

// As Python's `int` reads a text.
parsed_integer parse_integer(std::string_view text) {
  text = trimmed(text);
  parsed_integer result;
  result.is_negative = text.starts_with('-');
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  auto digits = text.substr(result.is_negative && !text.empty() ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) {
    result.error = std::errc::invalid_argument;
    return result;
  }
  result.error = std::from_chars(text.data(), text.data() + text.size(), result.x).ec;
  return result;
}

// A fraction of zeros is none.
std::string_view without_zero_fraction(std::string_view text) {
  text = trimmed(text);
  auto point = text.find('.');
  bool is_zero = point != text.npos && text.find_first_not_of('0', point + 1) == text.npos;
  return is_zero ? text.substr(0, point) : text;
}

// Whether a text is longer than DRF tries to read as a number.
bool is_too_long(const input_value& x, field_errors& errors) {
  constexpr std::size_t longest = 1000;
  if (x.type() != json_type::text || x.text().size() <= longest
      || count_code_points(trimmed(x.text())) <= longest) {
    return false;
  }
  errors.add("String value too large.");
  return true;
}

value read_integer(const field_descriptor& field, const input_value& x, field_errors& errors) {
  if (is_too_long(x, errors)) {
    return {};
  }
  parsed_integer parsed;
  if (x.type() == json_type::int64) {
    parsed.x = x.int64();
  } else if (x.type() == json_type::text) {
    parsed = parse_integer(without_zero_fraction(x.text()));
  } else if (x.is_number() && std::fabs(x.real()) >= 0x1p63) {
    // Also what was an integer beyond 64 bits, before it was parsed.
    parsed.error = std::errc::result_out_of_range;
    parsed.is_negative = x.real() < 0;
  } else if (x.is_number()) {
    parsed = parse_integer(without_zero_fraction(x.to_text()));
  } else {
    parsed.error = std::errc::invalid_argument;
  }
  using limits = std::numeric_limits<std::int64_t>;
  if (parsed.error == std::errc::invalid_argument) {
    errors.add("A valid integer is required.");
  } else if (parsed.error == std::errc{}) {
    check_bounds(field, parsed.x, [](std::int64_t bound) { return bound; }, errors);
  } else if (parsed.is_negative) {
    errors.add(too_small_message(field.minimum.value_or(limits::min())));
  } else {
    errors.add(too_large_message(field.maximum.value_or(limits::max())));
  }
  return parsed.x;
}

std::optional<double> parse_real(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  double result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error == std::errc::result_out_of_range) {
    // Too near to zero, or too far from it: only this says which.
    result = std::strtod(std::string{text}.c_str(), nullptr);
    error = std::errc{};
  }
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(result)) {
    return std::nullopt;
  }
  return result;
}

value read_real(const field_descriptor& field, const input_value& x, field_errors& errors) {
  if (is_too_long(x, errors)) {
    return {};
  }
  std::optional<double> result;
  if (x.is_number()) {
    result = x.real();
  } else if (x.type() == json_type::text) {
    result = parse_real(x.text());
  }
  if (!result) {
    errors.add(std::string{no_number_message});
    return {};
  }
  check_bounds(
      field, *result, [](std::int64_t bound) { return static_cast<double>(bound); }, errors);
  return *result;
}

// The first check that fails is the only one reported.
bool has_allowed_digits(const field_descriptor& field, const decimal::shape& shape,
                        field_errors& errors) {
  int whole_digits = field.digits - field.places;
  if (shape.digits > field.digits) {
    errors.add(too_many_digits_message(field.digits));
  } else if (shape.places > field.places) {
    errors.add(fmt::format("Ensure that there are no more than {} decimal places.", field.places));
  } else if (shape.whole_digits > whole_digits) {
    errors.add(fmt::format("Ensure that there are no more than {} digits before the decimal point.",
                           whole_digits));
  } else {
    return true;
  }
  return false;
}

value read_decimal(const field_descriptor& field, const input_value& x, field_errors& errors) {
  if (is_too_long(x, errors)) {
    return {};
  }
  std::string text;
  if (x.type() == json_type::text) {
    text = trimmed(x.text());
  } else if (x.is_number()) {
    text = x.to_text();
  }
  auto shape = decimal::measure(text);
  if (!shape) {
    errors.add(std::string{no_number_message});
    return {};
  }
  if (!has_allowed_digits(field, *shape, errors)) {
    return {};
  }
  auto result = decimal::parse(text).value().rescaled(field.places).value();
  check_bounds(field, result, [](std::int64_t bound) { return decimal{bound, 0}; }, errors);
  return result;
}

// -- texts ----------------------------------------------------------------------------------------

constexpr std::string_view wrong_email = "Enter a valid email address.";

value read_text(const field_descriptor& field, const input_value& x, field_errors& errors) {
  if (x.type() != json_type::text && !x.is_number()) {
    errors.add(std::string{field.is_email ? wrong_email : "Not a valid string."});
    return {};
  }
  std::string result{x.type() == json_type::text ? std::string{trimmed(x.text())} : x.to_text()};
  if (result.empty()) {
    if (!field.allows_blank) {
      errors.add("This field may not be blank.");
    }
    return result;
  }
  if (field.max_length && result.size() > *field.max_length
      && count_code_points(result) > *field.max_length) {
    errors.add(fmt::format("Ensure this field has no more than {} characters.", *field.max_length));
  }
  if (result.find('\0') != result.npos) {
    errors.add("Null characters are not allowed.");
  }
  if (field.is_email && !is_email_address(result)) {
    errors.add(std::string{wrong_email});
  }
  return result;
}

value read_choice(const field_descriptor& field, const input_value& x, field_errors& errors) {
  auto text = x.python_text();
  bool is_allowed_blank = text.empty() && field.allows_blank;
  if (!is_allowed_blank && std::ranges::find(field.choices, text) == field.choices.end()) {
    errors.add(fmt::format("\"{}\" is not a valid choice.", text));
  }
  return text;
}

template <class T>
value read_formatted(const input_value& x, std::string_view message, field_errors& errors) {
  if (x.type() == json_type::text) {
    if (auto result = T::parse(x.text())) {
      return *result;
    }
  }
  errors.add(std::string{message});
  return {};
}

// -- booleans -------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 14> true_texts{
    "1", "t", "T", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
constexpr std::array<std::string_view, 14> false_texts{
    "0", "f", "F", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 4> null_texts{"", "null", "Null", "NULL"};

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& texts, std::string_view x) {
  return std::ranges::find(texts, x) != texts.end();
}

std::optional<bool> parse_boolean(const input_value& x) {
  if (x.type() == json_type::boolean) {
    return x.boolean();
  }
  if (x.is_number() && (x.real() == 0 || x.real() == 1)) {
    return x.real() == 1;
  }
  if (x.type() == json_type::text) {
    if (is_among(true_texts, x.text())) {
      return true;
    }
    if (is_among(false_texts, x.text())) {
      return false;
    }
  }
  return std::nullopt;
}

value read_boolean(const input_value& x, field_errors& errors) {
  auto result = parse_boolean(x);
  if (!result) {
    errors.add("Must be a valid boolean.");
    return {};
  }
  return *result;
}

// -- null -----------------------------------------------------------------------------------------

// Some types have texts that stand for null.
bool is_null_text(const field_descriptor& field, std::string_view text) {
  if (field.is_foreign_key()) {
    return text.empty();
  }
  switch (field.type) {
  case field_type::boolean:
    return field.is_nullable && is_among(null_texts, text);
  case field_type::decimal:
    return field.is_nullable && trimmed(text).empty();
  default:
    return false;
  }
}

bool stands_for_null(const field_descriptor& field, const input_value& x) {
  return x.is_null() || (x.type() == json_type::text && is_null_text(field, x.text()));
}

// -- references -----------------------------------------------------------------------------------

void add_no_such_row(std::string_view key, field_errors& errors) {
  errors.add(fmt::format("Invalid pk \"{}\" - object does not exist.", key));
}

void add_no_key(const input_value& x, field_errors& errors) {
  errors.add(fmt::format("Incorrect type. Expected pk value, received {}.", python_name(x.type())));
}

value read_counted_key(const input_value& x, field_errors& errors) {
  if (x.type() == json_type::int64) {
    return x.int64();
  }
  if (x.type() != json_type::text && !x.is_number()) {
    add_no_key(x, errors);
    return {};
  }
  auto text = x.type() == json_type::text ? std::string{x.text()} : x.to_text();
  auto parsed = parse_integer(x.is_number() ? without_zero_fraction(text) : text);
  if (parsed.error == std::errc{}) {
    return parsed.x;
  }
  if (parsed.error == std::errc::invalid_argument && !x.is_number()) {
    add_no_key(x, errors);
  } else {
    add_no_such_row(text, errors);
  }
  return {};
}

} // namespace

value read_reference(const field_descriptor& key, const input_value& x, field_errors& errors) {
  switch (key.type) {
  case field_type::integer:
    return read_counted_key(x, errors);
  case field_type::uuid:
    if (x.type() == json_type::text) {
      if (auto result = uuid::parse(x.text())) {
        return *result;
      }
    }
    break;
  default:
    if (x.type() == json_type::text) {
      return std::string{x.text()};
    }
    if (x.is_number()) {
      return x.to_text();
    }
  }
  add_no_key(x, errors);
  return {};
}

value read_field_value(const field_descriptor& field, const input_value& x, field_errors& errors) {
  if (stands_for_null(field, x)) {
    if (!field.is_nullable) {
      errors.add("This field may not be null.");
    }
    return {};
  }
  if (field.is_foreign_key()) {
    return read_reference(field.target().key_field(), x, errors);
  }
  switch (field.type) {
  case field_type::boolean:
    return read_boolean(x, errors);
  case field_type::integer:
    return read_integer(field, x, errors);
  case field_type::real:
    return read_real(field, x, errors);
  case field_type::text:
    return read_text(field, x, errors);
  case field_type::decimal:
    return read_decimal(field, x, errors);
  case field_type::choice:
    return read_choice(field, x, errors);
  case field_type::json:
    return json_text::trusted(x.to_text());
  case field_type::uuid:
    return read_formatted<uuid>(x, "Must be a valid UUID.", errors);
  case field_type::date:
    return read_formatted<date>(
        x, "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.", errors);
  case field_type::timestamp:
    if (x.type() == json_type::text && timestamp::overflows(x.text())) {
      errors.add("Datetime value out of range.");
      return {};
    }
    return read_formatted<timestamp>(x,
                                     "Datetime has wrong format. Use one of these formats instead: "
                                     "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
                                     errors);
  }
  return {};
}

} // namespace dcrf::internal
