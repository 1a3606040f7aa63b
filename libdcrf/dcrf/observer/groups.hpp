#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/store/row.hpp"

#include <concepts>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

namespace detail {

/// Whether a step of a path leads over a many-to-many relation.
template <auto Step, class Type = std::remove_const_t<decltype(Step)>>
constexpr bool crosses_relation = false;
template <auto Step, auto Member>
constexpr bool crosses_relation<Step, relating_rows<Member>> = true;
template <auto Step, class Class, class Type>
constexpr bool crosses_relation<Step, Type Class::*> = is_relation<Type>;

/// Whether steps follow foreign keys to a column or over a relation: what groups may be made by.
template <auto First, auto... Rest>
constexpr bool leads_to_groups = [] {
  if constexpr (sizeof...(Rest) > 0) {
    return !column_part<First>::is_to_many && leads_to_groups<Rest...>;
  } else if constexpr (crosses_relation<First>) {
    return true;
  } else if constexpr (std::is_member_object_pointer_v<std::remove_const_t<decltype(First)>>) {
    return storable<type_of<First>>;
  } else {
    return false;
  }
}();

/// Whether the step is a column of the row that it begins at, and nothing follows it.
template <auto... Steps>
constexpr bool ends_here = false;
template <auto Step>
constexpr bool ends_here<Step> = !crosses_relation<Step>;

/// What loads the rows that the steps lead to.
template <auto First, auto... Rest>
fetch fetch_along() {
  fetch result;
  result.model = &model_of<typename far_of<First>::type>();
  if constexpr (crosses_relation<First>) {
    auto step = column_part<First>::rows();
    result.kind = step.reverse ? fetch::side::sources : fetch::side::targets;
    result.relation = step.relation;
    result.keys_only = true;
  } else {
    result.kind = fetch::side::foreign_key;
    result.field = field_index<First>();
    if constexpr (!ends_here<Rest...>) {
      result.nested.push_back(fetch_along<Rest...>());
    }
  }
  return result;
}

/// The values that the steps lead to, in rows that were loaded so.
template <auto First, auto... Rest>
void collect_along(const std::vector<row>& found, std::vector<value>& to) {
  for (const auto& x : found) {
    if constexpr (crosses_relation<First>) {
      to.push_back(x.values.front());
    } else if constexpr (ends_here<Rest...>) {
      to.push_back(x.values[field_index<first_part<Rest...>>()]);
    } else {
      collect_along<Rest...>(x.related.front(), to);
    }
  }
}

} // namespace detail

/// An observer's groups: one for all rows.
struct everything {
  static constexpr std::size_t loads = 0;

  static std::vector<std::string> keys(const record&) { return {std::string{}}; }
  static std::string key() { return {}; }
};

/// An observer's groups: one for each value of a column. A row where it is null belongs to none.
///
/// With a many-to-many member the row belongs to the group of each row that is related to it:
/// `by<&room::users>` has a group for each user, `by<relating<&room::users>>` of a user one for
/// each room. Foreign keys may lead there: `by<&message::room, &room::users>`.
template <auto... Path>
struct by {
  static_assert(detail::leads_to_groups<Path...>,
                "dcrf: by<> wants a column or a many_to_many member, or foreign keys that lead to "
                "one");
  static_assert(
      detail::is_column<Path...>,
      "dcrf: by<members...> follows foreign keys, each to the struct that the next member "
      "belongs to");

  using near = typename detail::column_part<detail::first_part<Path...>>::near;
  using compared = typename detail::compared_type<detail::last_part<Path...>::part>::type;

  /// How many things are to be loaded with a row to know its groups.
  static constexpr std::size_t loads = detail::ends_here<Path...> ? 0 : 1;

  static std::vector<std::string> keys(const record& values) {
    if constexpr (loads == 0) {
      static const auto index = detail::field_index<detail::first_part<Path...>>();
      if (!is_null(values[index])) {
        return {key_of_value(values[index])};
      }
    }
    return {};
  }

  static void add_fetches(fetch_plan& plan) {
    if constexpr (loads > 0) {
      plan.push_back(detail::fetch_along<Path...>());
    }
  }

  /// @param found what was loaded, from the place of this list's own on
  static void add_keys(const std::vector<row>* found, std::vector<std::string>& to) {
    if constexpr (loads > 0) {
      std::vector<value> values;
      detail::collect_along<Path...>(*found, values);
      for (const auto& x : values) {
        if (!is_null(x)) {
          to.push_back(key_of_value(x));
        }
      }
    }
  }

  static std::string key(const compared& x) {
    return key_of_value(value_traits<compared>::to_value(x));
  }

private:
  static std::string key_of_value(const value& x) {
    std::string result;
    ((result += (result.empty() ? "" : "__"), result += detail::column_part<Path>::name()), ...);
    result += '=';
    result += to_string(x);
    return result;
  }
};

/// An observer's groups: those of all the lists together.
template <class... Groups>
struct by_any {
  static constexpr std::size_t loads = (Groups::loads + ... + 0);

  static std::vector<std::string> keys(const record& values) {
    std::vector<std::string> result;
    (append(result, Groups::keys(values)), ...);
    return result;
  }

  static void add_fetches(fetch_plan& plan) { (add_fetches_of<Groups>(plan), ...); }

  static void add_keys(const std::vector<row>* found, std::vector<std::string>& to) {
    (add_keys_of<Groups>(found, to), ...);
  }

private:
  static void append(std::vector<std::string>& to, std::vector<std::string> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }

  template <class One>
  static void add_fetches_of(fetch_plan& plan) {
    if constexpr (One::loads > 0) {
      One::add_fetches(plan);
    }
  }

  template <class One>
  static void add_keys_of(const std::vector<row>*& found, std::vector<std::string>& to) {
    if constexpr (One::loads > 0) {
      One::add_keys(found, to);
      found += One::loads;
    }
  }
};

namespace detail {

/// Whether groups are made of rows of `T`.
template <class Groups, class T>
constexpr bool are_groups_of = requires(const record& values) {
  { Groups::keys(values) } -> std::convertible_to<std::vector<std::string>>;
};
template <auto... Path, class T>
constexpr bool are_groups_of<by<Path...>, T> = std::same_as<typename by<Path...>::near, T>;
template <class... Groups, class T>
constexpr bool are_groups_of<by_any<Groups...>, T> = (are_groups_of<Groups, T> && ...);

/// Whether rows are loaded to know an observer's groups.
template <class Groups>
constexpr bool loads_groups = false;
template <class Groups>
  requires requires { Groups::loads; }
constexpr bool loads_groups<Groups> = (Groups::loads > 0);

} // namespace detail

} // namespace dcrf
