#pragma once

#include "dcrf/model/key.hpp"
#include "dcrf/model/value_traits.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/serializer/input_value.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

/// How a C++ type is read from an argument of a request. `read` gives nothing where the argument's
/// type is wrong; `expected` then says what is.
template <class T>
struct argument_traits;

namespace detail {

/// A type that is read by the rule of serializer fields, with their messages: `"1"` is an integer,
/// `"true"` a boolean. Texts are taken as they are, blank or not.
template <class T>
concept field_argument =
    std::same_as<T, bool> || std::same_as<T, std::int64_t> || std::same_as<T, std::int32_t>
    || std::same_as<T, double> || std::same_as<T, std::string> || std::same_as<T, uuid>
    || std::same_as<T, timestamp> || std::same_as<T, date> || described_enum<T>;

template <field_argument T, bool IsNullable = false>
inline constexpr field_descriptor argument_field = [] {
  field_descriptor result;
  result.type = value_traits<T>::type;
  result.is_nullable = IsNullable;
  if constexpr (std::same_as<T, std::int32_t>) {
    result.minimum = std::numeric_limits<std::int32_t>::min();
    result.maximum = std::numeric_limits<std::int32_t>::max();
  }
  if constexpr (described_enum<T>) {
    result.choices = value_traits<T>::choices;
  }
  return result;
}();

/// @param errors what is wrong is added, if the result is empty
std::optional<value> read_argument_value(const field_descriptor& field, const input_value& x,
                                         field_errors& errors);

} // namespace detail

template <detail::field_argument T>
struct argument_traits<T> {
  static constexpr std::string_view expected = "Not a valid value.";
  static std::optional<T> read(const input_value& x) {
    field_errors errors;
    auto found = detail::read_argument_value(detail::argument_field<T>, x, errors);
    return found ? std::optional{value_traits<T>::from_value(*found)} : std::nullopt;
  }
};

template <>
struct argument_traits<json_text> {
  static constexpr std::string_view expected = "Not a valid value.";
  static std::optional<json_text> read(json_view x);
};

template <>
struct argument_traits<json> {
  static constexpr std::string_view expected = "Not a valid value.";
  template <class View = json_view>
  static auto read(View x) {
    return std::optional{x.to_json()};
  }
};

/// A primary key of any model: a number or a text. Numeric text is left to the model that it is
/// for.
template <>
struct argument_traits<key> {
  static constexpr std::string_view expected = "Not a valid key.";
  static std::optional<key> read(json_view x);
};

namespace detail {

/// A type that is read as a whole, by its traits.
template <class T>
concept plain_argument = requires(json_view x) {
  argument_traits<T>::read(x);
  argument_traits<T>::expected;
};

/// A described struct: an object, whose members are read as arguments are.
template <class T>
concept struct_argument = std::is_class_v<T> && described<T> && !plain_argument<T>;

template <class T>
constexpr bool is_list_of_structs = false;
template <class T>
constexpr bool is_list_of_structs<std::vector<T>> = struct_argument<T> || is_list_of_structs<T>;

} // namespace detail

template <detail::plain_argument T>
struct argument_traits<std::vector<T>> {
  static constexpr std::string_view expected = "Expected a list of items.";
  static std::optional<std::vector<T>> read(json_view x) {
    if (x.type() != json_type::array) {
      return std::nullopt;
    }
    std::vector<T> result;
    bool all_fit = true;
    x.each_element([&](json_view element) {
      if (auto item = argument_traits<T>::read(element)) {
        result.push_back(std::move(*item));
      } else {
        all_fit = false;
      }
    });
    return all_fit ? std::optional{std::move(result)} : std::nullopt;
  }
};

/// A type that a member of an action's arguments may have; a std::optional of it is an argument
/// that may be missing or null. A described struct is an object of the request, and std::vector a
/// list.
template <class T>
concept argument_type =
    detail::plain_argument<T> || detail::struct_argument<T> || detail::is_list_of_structs<T>;

namespace detail {

// Collects what is wrong with the arguments of a request.
class argument_errors {
public:
  void missing(std::string_view name) { errors_.add(name, "This field is required."); }
  void wrong(std::string_view name, std::string_view expected) {
    errors_.add(name, std::string{expected});
  }
  void wrong(std::string_view name, field_errors errors) { errors_.set(name, std::move(errors)); }

  [[nodiscard]] bool empty() const noexcept { return errors_.empty(); }

  /// @throws validation_error naming every argument that is missing or wrong
  void raise() const;

  [[nodiscard]] field_errors take() && { return std::move(errors_); }

private:
  field_errors errors_;
};

field_errors no_object(json_view x);
field_errors no_list();

template <class Argument>
void read_argument(Argument& to, std::optional<json_view> from, std::string_view name,
                   argument_errors& errors);

template <struct_argument T, class Object>
void read_members(T& to, const Object& from, argument_errors& errors) {
  boost::mp11::mp_for_each<public_members<T>>([&](auto member) {
    read_argument(to.*member.pointer, from.find(member.name), member.name, errors);
  });
}

/// @param wrong is set, if the result is empty
template <struct_argument T>
std::optional<T> read_nested(json_view x, field_errors& wrong) {
  if (!x.is_object()) {
    wrong = no_object(x);
    return std::nullopt;
  }
  std::optional<T> result{std::in_place};
  argument_errors errors;
  read_members(*result, x, errors);
  if (!errors.empty()) {
    wrong = std::move(errors).take();
    return std::nullopt;
  }
  return result;
}

template <class List>
  requires is_list_of_structs<List>
std::optional<List> read_nested(json_view x, field_errors& wrong) {
  if (x.type() != json_type::array) {
    wrong = no_list();
    return std::nullopt;
  }
  List result;
  std::vector<field_errors> all;
  bool all_fit = true;
  x.each_element([&](json_view element) {
    if (auto item = read_nested<typename List::value_type>(element, all.emplace_back())) {
      result.push_back(std::move(*item));
    } else {
      all_fit = false;
    }
  });
  if (!all_fit) {
    wrong = field_errors::of_elements(std::move(all));
    return std::nullopt;
  }
  return result;
}

template <class Argument>
void read_argument(Argument& to, std::optional<json_view> from, std::string_view name,
                   argument_errors& errors) {
  using plain = dcrf::without_optional<Argument>;
  static_assert(argument_type<plain>, "dcrf: this type can't be an argument of an action");
  constexpr bool is_optional = !std::same_as<plain, Argument>;
  if (!from || (is_optional && from->is_null())) {
    if (!is_optional) {
      errors.missing(name);
    }
  } else if constexpr (struct_argument<plain> || is_list_of_structs<plain>) {
    field_errors wrong;
    if (auto read = read_nested<plain>(*from, wrong)) {
      to = std::move(*read);
    } else {
      errors.wrong(name, std::move(wrong));
    }
  } else if constexpr (!argument_type<plain>) {
    // Refused above.
  } else if constexpr (field_argument<plain>) {
    field_errors wrong;
    if (auto read = read_argument_value(argument_field<plain, is_optional>, *from, wrong)) {
      to = value_traits<Argument>::from_value(*read);
    } else {
      errors.wrong(name, std::move(wrong));
    }
  } else if (auto read = argument_traits<plain>::read(*from)) {
    to = std::move(*read);
  } else {
    errors.wrong(name, argument_traits<plain>::expected);
  }
}

} // namespace detail

/// The arguments of a request, as the described struct that an action takes.
/// @throws validation_error naming every argument that is missing or has the wrong type
template <described T>
T read_arguments(const request& req) {
  T result{};
  detail::argument_errors errors;
  detail::read_members(result, req.body(), errors);
  errors.raise();
  return result;
}

/// The arguments of a request as a tuple, each by its name.
/// @throws validation_error naming every argument that is missing or has the wrong type
template <class Tuple>
Tuple read_named_arguments(const request& req,
                           const std::array<std::string_view, std::tuple_size_v<Tuple>>& names) {
  Tuple result{};
  detail::argument_errors errors;
  auto body = req.body();
  std::apply(
      [&](auto&... argument) {
        std::size_t i = 0;
        ((detail::read_argument(argument, body.find(names[i]), names[i], errors), ++i), ...);
      },
      result);
  errors.raise();
  return result;
}

} // namespace dcrf
