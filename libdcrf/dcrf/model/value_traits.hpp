#pragma once

#include "dcrf/model/described.hpp"
#include "dcrf/model/descriptor.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dcrf {

/// How a C++ type is kept in a field. The types that a model's member may have are those with a
/// specialisation here, and std::optional of them for a field that may be null.
template <class T>
struct value_traits;

namespace detail {

// A type that is an alternative of dcrf::value itself.
template <class T, field_type Type>
struct plain_value_traits {
  static constexpr auto type = Type;
  static constexpr bool is_nullable = false;
  static value to_value(const T& x) { return x; }
  static T from_value(const value& x) { return std::get<T>(x); }
};

} // namespace detail

template <>
struct value_traits<bool> : detail::plain_value_traits<bool, field_type::boolean> {};
template <>
struct value_traits<std::int64_t> : detail::plain_value_traits<std::int64_t, field_type::integer> {
};
template <>
struct value_traits<double> : detail::plain_value_traits<double, field_type::real> {};
template <>
struct value_traits<std::string> : detail::plain_value_traits<std::string, field_type::text> {};
template <>
struct value_traits<decimal> : detail::plain_value_traits<decimal, field_type::decimal> {};
template <>
struct value_traits<date> : detail::plain_value_traits<date, field_type::date> {};
template <>
struct value_traits<timestamp> : detail::plain_value_traits<timestamp, field_type::timestamp> {};
template <>
struct value_traits<uuid> : detail::plain_value_traits<uuid, field_type::uuid> {};
template <>
struct value_traits<json_text> : detail::plain_value_traits<json_text, field_type::json> {};

template <>
struct value_traits<std::int32_t> {
  static constexpr auto type = field_type::integer;
  static constexpr bool is_nullable = false;
  static value to_value(std::int32_t x) { return std::int64_t{x}; }
  static std::int32_t from_value(const value& x) {
    auto wide = std::get<std::int64_t>(x);
    if (wide < std::numeric_limits<std::int32_t>::min()
        || wide > std::numeric_limits<std::int32_t>::max()) {
      throw std::out_of_range("a number in the database is too large for its field");
    }
    return static_cast<std::int32_t>(wide);
  }
};

template <>
struct value_traits<json> {
  static constexpr auto type = field_type::json;
  static constexpr bool is_nullable = false;
  template <class Json>
  static value to_value(const Json& x) {
    return json_text{x};
  }
  // A template, so that the tree's type need only be complete where a model has one.
  template <class Text = json_text>
  static auto from_value(const value& x) {
    return std::get<Text>(x).to_json();
  }
};

template <described_enum T>
struct value_traits<T> {
  using enumerators = boost::describe::describe_enumerators<T>;

  static constexpr auto type = field_type::choice;
  static constexpr bool is_nullable = false;

  static constexpr auto choices = [] {
    std::array<std::string_view, boost::mp11::mp_size<enumerators>::value> names{};
    std::size_t i = 0;
    boost::mp11::mp_for_each<enumerators>([&](auto enumerator) { names[i++] = enumerator.name; });
    return names;
  }();

  static value to_value(T x) {
    std::string_view name;
    boost::mp11::mp_for_each<enumerators>([&](auto enumerator) {
      if (enumerator.value == x) {
        name = enumerator.name;
      }
    });
    return std::string{name};
  }

  static T from_value(const value& x) {
    std::optional<T> result;
    boost::mp11::mp_for_each<enumerators>([&](auto enumerator) {
      if (std::get<std::string>(x) == enumerator.name) {
        result = enumerator.value;
      }
    });
    if (!result) {
      throw std::out_of_range("a text in the database is no choice of its field");
    }
    return *result;
  }
};

template <class T>
struct value_traits<std::optional<T>> {
  static constexpr auto type = value_traits<T>::type;
  static constexpr bool is_nullable = true;
  static value to_value(const std::optional<T>& x) {
    return x ? value_traits<T>::to_value(*x) : value{};
  }
  static std::optional<T> from_value(const value& x) {
    return is_null(x) ? std::nullopt : std::optional<T>{value_traits<T>::from_value(x)};
  }
};

namespace detail {

template <class T>
struct optional_stripped {
  using type = T;
};
template <class T>
struct optional_stripped<std::optional<T>> {
  using type = T;
};

} // namespace detail

template <class T>
using without_optional = typename detail::optional_stripped<T>::type;

/// A type that a model's member, or an action's argument, may have.
template <class T>
concept storable = requires(const T& x, const value& v) {
  value_traits<T>::type;
  value_traits<T>::to_value(x);
  value_traits<T>::from_value(v);
};

} // namespace dcrf
