#pragma once

#include "dcrf/json/json_writer.hpp"
#include "dcrf/model/value_traits.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string_view>
#include <type_traits>

namespace dcrf {

namespace detail {

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

template <class T>
constexpr bool is_json_like = false;

template <class T>
  requires std::is_arithmetic_v<T> || std::convertible_to<const T&, std::string_view> || storable<T>
               || std::same_as<T, json>
constexpr bool is_json_like<T> = true;

template <class T>
constexpr bool is_json_like<std::optional<T>> = is_json_like<T>;

template <class T>
  requires std::ranges::input_range<const T> && (!std::convertible_to<const T&, std::string_view>)
               && (!std::same_as<T, json>)
constexpr bool is_json_like<T> = is_json_like<std::ranges::range_value_t<const T>>;

} // namespace detail

/// Writes what a function returned: a number, bool, text, anything that a model's member may be, or
/// an optional or range of these.
template <class T>
void write_result(json_writer& writer, const T& x) {
  static_assert(detail::is_json_like<T>, "dcrf: a computed field can't be written as JSON");
  if constexpr (std::same_as<T, bool>) {
    writer.boolean(x);
  } else if constexpr (std::signed_integral<T>) {
    writer.integer(static_cast<std::int64_t>(x));
  } else if constexpr (std::unsigned_integral<T>) {
    writer.integer(static_cast<std::uint64_t>(x));
  } else if constexpr (std::floating_point<T>) {
    writer.real(static_cast<double>(x));
  } else if constexpr (std::same_as<T, json>) {
    writer.raw(json_text{x});
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    writer.text(x);
  } else if constexpr (detail::is_optional<T>) {
    if (x) {
      write_result(writer, *x);
    } else {
      writer.null();
    }
  } else if constexpr (storable<T>) {
    write_json(writer, value_traits<T>::to_value(x));
  } else if constexpr (detail::is_json_like<T>) {
    writer.begin_array();
    for (const auto& element : x) {
      write_result(writer, element);
    }
    writer.end_array();
  }
}

} // namespace dcrf
