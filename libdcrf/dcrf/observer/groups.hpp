#pragma once

#include "dcrf/model/model.hpp"

#include <concepts>
#include <iterator>
#include <string>
#include <vector>

namespace dcrf {

/// An observer's groups: one for all rows.
struct everything {
  static std::vector<std::string> keys(const record&) { return {std::string{}}; }
  static std::string key() { return {}; }
};

/// An observer's groups: one for each value of a field. A row where it is null belongs to none.
template <auto Member>
struct by {
  static_assert(storable<type_of<Member>>,
                "dcrf: by<&model::member> wants a column, and this member "
                "is a many-to-many relation or no field at all");

  static std::vector<std::string> keys(const record& values) {
    static const auto index = *model_of<class_of<Member>>().find_field(name_of<Member>());
    if (is_null(values[index])) {
      return {};
    }
    return {key_of_value(values[index])};
  }

  static std::string key(const without_optional<type_of<Member>>& x) {
    return key_of_value(value_traits<without_optional<type_of<Member>>>::to_value(x));
  }

private:
  static std::string key_of_value(const value& x) {
    std::string result{name_of<Member>()};
    result += '=';
    result += to_string(x);
    return result;
  }
};

/// An observer's groups: those of all the lists together.
template <class... Groups>
struct by_any {
  static std::vector<std::string> keys(const record& values) {
    std::vector<std::string> result;
    (append(result, Groups::keys(values)), ...);
    return result;
  }

private:
  static void append(std::vector<std::string>& to, std::vector<std::string> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
};

namespace detail {

/// Whether groups are made of rows of `T`.
template <class Groups, class T>
constexpr bool are_groups_of = requires(const record& values) {
  { Groups::keys(values) } -> std::convertible_to<std::vector<std::string>>;
};
template <auto Member, class T>
constexpr bool are_groups_of<by<Member>, T> = std::same_as<class_of<Member>, T>;
template <class... Groups, class T>
constexpr bool are_groups_of<by_any<Groups...>, T> = (are_groups_of<Groups, T> && ...);

} // namespace detail

} // namespace dcrf
