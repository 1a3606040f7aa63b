#pragma once

#include "dcrf/model/key.hpp"
#include "dcrf/model/value_traits.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// How a C++ type is read from an argument of a request. `read` gives nothing where the argument's
/// type is wrong; `expected` then says what is.
template <class T>
struct argument_traits;

template <>
struct argument_traits<bool> {
  static constexpr std::string_view expected = "Must be a valid boolean.";
  static std::optional<bool> read(json_view x);
};

template <>
struct argument_traits<std::int64_t> {
  static constexpr std::string_view expected = "A valid integer is required.";
  static std::optional<std::int64_t> read(json_view x);
};

template <>
struct argument_traits<std::int32_t> {
  static constexpr std::string_view expected = "A valid integer is required.";
  static std::optional<std::int32_t> read(json_view x);
};

template <>
struct argument_traits<double> {
  static constexpr std::string_view expected = "A valid number is required.";
  static std::optional<double> read(json_view x);
};

template <>
struct argument_traits<std::string> {
  static constexpr std::string_view expected = "Not a valid string.";
  static std::optional<std::string> read(json_view x);
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

template <>
struct argument_traits<uuid> {
  static constexpr std::string_view expected = "Must be a valid UUID.";
  static std::optional<uuid> read(json_view x);
};

template <>
struct argument_traits<timestamp> {
  static constexpr std::string_view expected =
      "Datetime has wrong format. Use one of these formats instead: "
      "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
  static std::optional<timestamp> read(json_view x);
};

template <>
struct argument_traits<date> {
  static constexpr std::string_view expected =
      "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
  static std::optional<date> read(json_view x);
};

template <described_enum T>
struct argument_traits<T> {
  static constexpr std::string_view expected = "Not a valid choice.";
  static std::optional<T> read(json_view x) {
    std::optional<T> result;
    if (x.type() == json_type::text) {
      boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
        if (x.text() == enumerator.name) {
          result = enumerator.value;
        }
      });
    }
    return result;
  }
};

template <class T>
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
/// that may be missing or null.
template <class T>
concept argument_type = requires(json_view x) {
  argument_traits<T>::read(x);
  argument_traits<T>::expected;
};

namespace detail {

// Collects what is wrong with the arguments of a request.
class argument_errors {
public:
  void missing(std::string_view name) { add(name, "This field is required."); }
  void wrong(std::string_view name, std::string_view expected) { add(name, expected); }

  /// @throws validation_error naming every argument that is missing or wrong
  void raise() const;

private:
  void add(std::string_view name, std::string_view text);

  std::string fields_;
};

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
  auto body = req.body();
  boost::mp11::mp_for_each<detail::public_members<T>>([&](auto member) {
    detail::read_argument(result.*member.pointer, body.find(member.name), member.name, errors);
  });
  errors.raise();
  return result;
}

} // namespace dcrf
