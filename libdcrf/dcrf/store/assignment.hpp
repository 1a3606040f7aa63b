#pragma once

#include "dcrf/model/path.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/query.hpp"

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

// What an update does to the columns that it names.

namespace dcrf {

/// What a column of a row of `T` becomes: see `set`, `increment` and `at_version`.
template <class T>
class assignment {
public:
  assignment(std::size_t field, value x) : field_(field), to_(std::move(x)) {}
  assignment(std::size_t field, expression x) : field_(field), to_(std::move(x)) {}

  /// Adds it to an update_command or a bulk_update_command.
  template <class Command>
  void add_to(Command& x) && {
    if (auto* computed = std::get_if<expression>(&to_)) {
      x.computed.emplace_back(field_, std::move(*computed));
    } else {
      x.changes.emplace_back(field_, std::move(std::get<value>(to_)));
    }
  }

private:
  std::size_t field_;
  std::variant<value, expression> to_;
};

namespace detail {

template <class X>
constexpr bool is_computed = false;
template <class T, class Number>
constexpr bool is_computed<number_on<T, Number>> = true;
template <auto... Members>
constexpr bool is_computed<column_of<Members...>> = true;

/// Refuses what can't be set.
template <auto Member>
consteval bool can_be_set() {
  static_assert(
      !is_relation_member<Member>,
      "dcrf: this member is a many-to-many relation, which `related<&model::member>(key)` "
      "changes");
  static_assert(is_relation_member<Member> || storable<type_of<Member>>,
                "dcrf: set<&model::member> sets a column, which this member is not");
  if constexpr (!is_relation_member<Member> && storable<type_of<Member>>) {
    constexpr auto field = describe_field<class_of<Member>, Member>();
    static_assert(field.automatic != auto_time::on_save,
                  "dcrf: this time is set by itself at each save");
    static_assert(!field.is_version,
                  "dcrf: the store counts a version; at_version<&model::member>(x) says which one "
                  "an update is meant for");
  }
  return true;
}

/// The number that a column is computed as; that of integers for what is none, which was refused.
template <auto Member, bool IsNumber = !std::is_void_v<typename column_of<Member>::number>>
struct number_of {
  using type = typename column_of<Member>::number;
};
template <auto Member>
struct number_of<Member, false> {
  using type = number_on<class_of<Member>, std::int64_t>;
};

} // namespace detail

/// The column `Member` becomes `x`. It is written as it is: `full_clean` and serializers check.
template <auto Member>
[[nodiscard]] assignment<class_of<Member>> set(const type_of<Member>& x) {
  static_assert(detail::can_be_set<Member>());
  if constexpr (storable<type_of<Member>>) {
    return {detail::field_index<Member>(), value_traits<type_of<Member>>::to_value(x)};
  } else {
    return {0, value{}};
  }
}

/// The column `Member` becomes what is computed from the row as it is when it is written:
/// `set<&account::balance>(column<&account::balance> - column<&account::held>)`. What comes out has
/// to be within the bounds of the field, else the update is `invalid`, as input of a client is.
template <auto Member, class X>
  requires detail::is_computed<X>
[[nodiscard]] assignment<class_of<Member>> set(const X& x) {
  using number = typename detail::number_of<Member>::type;
  static_assert(detail::can_be_set<Member>());
  static_assert(std::convertible_to<X, number>,
                "dcrf: what a column is set to is computed from columns of the same model, and of "
                "numbers of its own kind");
  if constexpr (std::convertible_to<X, number>) {
    return {detail::field_index<Member>(), number{x}.value};
  } else {
    return {0, value{}};
  }
}

/// Adds to a number; `increment<&account::balance>(-5)` takes from it. As `set` with a computed
/// number: none of several at once is lost.
template <auto Member, class X = int>
[[nodiscard]] assignment<class_of<Member>> increment(const X& by = 1) {
  static_assert(!std::is_void_v<typename column_of<Member>::number>,
                "dcrf: increment<&model::member> wants a member that is a number");
  using number = typename detail::number_of<Member>::type;
  static_assert(std::convertible_to<X, number>,
                "dcrf: a column is incremented by a number of its own kind");
  if constexpr (!std::is_void_v<typename column_of<Member>::number>
                && std::convertible_to<X, number>) {
    return set<Member>(column<Member> + number{by});
  } else {
    return {0, value{}};
  }
}

/// The update is meant for the row with this version: if it has another one by now, nothing is
/// written, and the update fails with `conflict`.
template <auto Member>
[[nodiscard]] assignment<class_of<Member>> at_version(const type_of<Member>& x) {
  static_assert(detail::is_version_member<Member>,
                "dcrf: at_version<&model::member> wants the member that the model declares as "
                "dcrf::version<>");
  return {detail::field_index<Member>(), value_traits<type_of<Member>>::to_value(x)};
}

namespace detail {

/// Whether all changes are assignments to columns of `T`.
template <class T, class... Changes>
consteval bool are_assignments() {
  static_assert((std::same_as<Changes, assignment<T>> && ...),
                "dcrf: what an update changes is dcrf::set<&model::member>(x), "
                "dcrf::increment<&model::member>(x) or dcrf::at_version<&model::member>(x), of the "
                "repository's own model");
  return (std::same_as<Changes, assignment<T>> && ...);
}

} // namespace detail

} // namespace dcrf
