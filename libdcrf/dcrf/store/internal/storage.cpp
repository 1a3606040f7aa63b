#include "dcrf/store/internal/storage.hpp"

#include "dcrf/json/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

namespace dcrf::internal {

namespace {

// The first microsecond of the year 1, and the last one of the year 9999.
constexpr std::int64_t first_time = -62'135'596'800'000'000;
constexpr std::int64_t last_time = 253'402'300'799'999'999;

bool is_time(std::int64_t microseconds) noexcept {
  return first_time <= microseconds && microseconds <= last_time;
}

// The alternative of dcrf::value that holds a field's values.
std::size_t alternative_of(field_type type) noexcept {
  switch (type) {
  case field_type::boolean:
    return 1;
  case field_type::integer:
    return 2;
  case field_type::real:
    return 3;
  case field_type::text:
  case field_type::choice:
    return 4;
  case field_type::decimal:
    return 5;
  case field_type::date:
    return 6;
  case field_type::timestamp:
    return 7;
  case field_type::uuid:
    return 8;
  case field_type::json:
    return 9;
  }
  return 0;
}

std::string_view name_of(storage type) noexcept {
  switch (type) {
  case storage::null:
    return "a null";
  case storage::integer:
    return "an integer";
  case storage::real:
    return "a real";
  case storage::text:
    return "a text";
  case storage::blob:
    return "a blob";
  }
  return "";
}

std::string_view wanted(const field_descriptor& field) noexcept {
  switch (field.type) {
  case field_type::boolean:
    return "0 or 1";
  case field_type::integer:
    return "an integer";
  case field_type::real:
    return "a number";
  case field_type::text:
    return "a text";
  case field_type::choice:
    return "a text that is one of the field's choices";
  case field_type::decimal:
    return "an integer, the decimal without its point";
  case field_type::date:
    return "a text of the form YYYY-MM-DD";
  case field_type::timestamp:
    return "an integer, the microseconds since 1970";
  case field_type::uuid:
    return "a text that is a UUID";
  case field_type::json:
    return "a text that is JSON";
  }
  return "";
}

std::optional<value> read_text(const field_descriptor& field, std::string_view text) {
  switch (field.type) {
  case field_type::text:
  case field_type::choice:
    return std::string{text};
  case field_type::date:
    return date::parse(text);
  case field_type::uuid:
    return uuid::parse(text);
  default:
    break;
  }
  try {
    return json_text::parse(text);
  } catch (const json_error&) {
    return std::nullopt;
  }
}

std::optional<value> read_integer(const field_descriptor& field, std::int64_t x) {
  switch (field.type) {
  case field_type::boolean:
    return x == 0 || x == 1 ? std::optional<value>{x == 1} : std::nullopt;
  case field_type::integer:
    return x;
  case field_type::real:
    return static_cast<double>(x);
  case field_type::decimal:
    return decimal{x, field.places};
  default:
    break;
  }
  return is_time(x) ? std::optional<value>{timestamp::from_microseconds(x)} : std::nullopt;
}

} // namespace

storage storage_of(field_type type) noexcept {
  switch (type) {
  case field_type::boolean:
  case field_type::integer:
  case field_type::decimal:
  case field_type::timestamp:
    return storage::integer;
  case field_type::real:
    return storage::real;
  default:
    return storage::text;
  }
}

bool fit(const field_descriptor& field, value& x) {
  if (is_null(x)) {
    return true;
  }
  auto take = [&x](std::optional<decimal> scaled) {
    if (scaled) {
      x = *scaled;
    }
    return scaled.has_value();
  };
  if (const auto* number = std::get_if<std::int64_t>(&x)) {
    if (field.type == field_type::real) {
      x = static_cast<double>(*number);
      return true;
    }
    if (field.type == field_type::decimal) {
      return take(decimal{*number, 0}.rescaled(field.places));
    }
  }
  if (x.index() != alternative_of(field.type)) {
    return false;
  }
  if (const auto* number = std::get_if<decimal>(&x)) {
    return take(number->rescaled(field.places));
  }
  const auto* time = std::get_if<timestamp>(&x);
  return time == nullptr || is_time(time->microseconds());
}

std::optional<value> fitted(const field_descriptor& field, value x) {
  return fit(field, x) ? std::optional{std::move(x)} : std::nullopt;
}

decimal rounded_down(const field_descriptor& field, const decimal& x) {
  if (x.places <= field.places) {
    auto limit = std::numeric_limits<std::int64_t>::max();
    // What can't be scaled is larger than any number of the field.
    return x.rescaled(field.places)
        .value_or(decimal{x.unscaled < 0 ? -limit : limit, field.places});
  }
  auto result = x.unscaled;
  for (auto places = x.places; places > field.places; --places) {
    // Division truncates; down is away from zero for what is negative.
    result = result / 10 - (result % 10 < 0 ? 1 : 0);
  }
  return {result, field.places};
}

std::optional<value> read_value(const found_row& from, std::size_t column,
                                const field_descriptor& field) {
  auto type = from.type(column);
  if (type == storage::null) {
    return field.is_nullable ? std::optional<value>{std::monostate{}} : std::nullopt;
  }
  if (type == storage::integer && field.type == field_type::real) {
    return static_cast<double>(from.integer(column));
  }
  if (type != storage_of(field.type)) {
    return std::nullopt;
  }
  switch (type) {
  case storage::integer:
    return read_integer(field, from.integer(column));
  case storage::real:
    return from.real(column);
  default:
    return read_text(field, from.text(column));
  }
}

std::optional<value> read_exactly(const found_row& from, std::size_t column,
                                  const field_descriptor& field) {
  auto result = read_value(from, column, field);
  const auto* text = result ? std::get_if<std::string>(&*result) : nullptr;
  auto is_foreign = text != nullptr && !field.choices.empty()
                    && !(text->empty() && field.allows_blank)
                    && std::ranges::find(field.choices, *text) == field.choices.end();
  return is_foreign ? std::nullopt : result;
}

std::string misfit(const found_row& from, std::size_t column, const field_descriptor& field) {
  auto type = from.type(column);
  return fmt::format("{} where {} is expected",
                     type == storage_of(field.type) ? "something else" : name_of(type),
                     wanted(field));
}

} // namespace dcrf::internal
