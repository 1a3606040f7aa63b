#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/serializer/function_traits.hpp"
#include "dcrf/serializer/keys_of.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/store/aggregate.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace dcrf {

// -- options of fields ----------------------------------------------------------------------------

/// Shown, but ignored in the input.
struct read_only {
  static constexpr void apply(serializer_field& field) { field.is_read_only = true; }
};

/// Taken, but never shown.
struct write_only {
  static constexpr void apply(serializer_field& field) { field.is_write_only = true; }
};

/// The input must have the field, whatever the model says.
struct required {
  static constexpr void apply(serializer_field& field) {
    field.requirement = requirement::required;
  }
};

/// The input need not have the field, whatever the model says.
struct optional_input {
  static constexpr void apply(serializer_field& field) {
    field.requirement = requirement::optional;
  }
};

/// Another name than the member's.
template <text_literal Name>
struct named {
  static constexpr void apply(serializer_field& field) { field.name = Name.view(); }
};

namespace detail {

template <auto Function>
void call_validator(value& x, const serializer_context& context) {
  using traits = function_traits<decltype(Function)>;
  using type = typename traits::first_argument;
  auto checked = value_traits<type>::from_value(x);
  if constexpr (std::is_void_v<typename traits::result>) {
    traits::template call<Function>(checked, context);
  } else {
    x = value_traits<type>::to_value(traits::template call<Function>(checked, context));
  }
}

template <auto Function>
void call_keys_validator(std::vector<value>& keys, const serializer_context& context) {
  using traits = function_traits<decltype(Function)>;
  using type = typename traits::first_argument;
  auto checked = keys_of<typename type::value_type>(keys);
  if constexpr (std::is_void_v<typename traits::result>) {
    traits::template call<Function>(checked, context);
  } else {
    keys = values_of_keys(traits::template call<Function>(checked, context));
  }
}

template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;

template <auto Function>
constexpr field_validator validator_of() {
  using type = typename function_traits<decltype(Function)>::first_argument;
  if constexpr (is_vector<type>) {
    return {.check_keys = &call_keys_validator<Function>};
  } else {
    return {.check = &call_validator<Function>, .takes_null = value_traits<type>::is_nullable};
  }
}

/// What a validator of a field takes: the type of the member, or the keys of the rows related.
template <class Type>
struct checked_type {
  using type = Type;
};
template <class Target>
struct checked_type<many_to_many<Target>> {
  using type = std::vector<key_of<Target>>;
};

template <auto Function, class Type>
constexpr bool validator_takes = [] {
  using given = typename function_traits<decltype(Function)>::first_argument;
  return std::same_as<given, Type> || std::same_as<given, without_optional<Type>>;
}();

} // namespace detail

/// Functions that check the value of a field: `void check(const std::string& text)`, which throws
/// validation_error. A function may take the serializer_context too, and may return the value to
/// take instead.
///
/// Of a member that may be null a function takes the std::optional, and is asked about null, too;
/// or the type within it, and is not asked. Null is refused where no function is asked about it, so
/// that no check is passed by. Of a many-to-many member it takes the keys:
/// `void check(const std::vector<std::int64_t>& labels)`.
template <auto... Functions>
struct validated_by {
  template <class Member>
  static constexpr bool takes =
      (detail::validator_takes<Functions, typename detail::checked_type<Member>::type> && ...);

  static constexpr field_validator validators[] = {detail::validator_of<Functions>()...};
  static constexpr void apply(serializer_field& field) { field.validators = validators; }
};

/// Shows only the first of the rows, or null if there is none.
struct single {
  static constexpr void apply(serializer_field& field) {
    field.source = field_source::related_row;
    field.related.limit = 1;
  }
};

/// Shows at most so many of the rows.
template <std::int64_t Limit>
struct limited {
  static_assert(Limit > 0, "dcrf: limited<Limit> shows at least one row");
  static constexpr void apply(serializer_field& field) { field.related.limit = Limit; }
};

namespace detail {

template <auto Member>
constexpr std::size_t index_of() {
  constexpr auto& fields = model_tables<class_of<Member>>::fields;
  constexpr auto found = std::ranges::find(fields, name_of<Member>(), &field_descriptor::name);
  constexpr bool is_listed = find_member_name<Member>() != nullptr;
  static_assert(!is_listed || found != fields.end(), "dcrf: this member is no field of its model");
  // Where an error was said already, any field will do.
  return found == fields.end() ? 0 : static_cast<std::size_t>(found - fields.begin());
}

template <bool IsDescending, auto... Members>
struct order_option {
  static constexpr std::array<related_source::order, sizeof...(Members)> order{
      related_source::order{index_of<Members>(), IsDescending}...};
  static constexpr void apply(serializer_field& field) { field.related.order_by = order; }
};

} // namespace detail

/// The order of the rows, by members of their model; by primary key unless said otherwise.
template <auto... Members>
struct ordered_by : detail::order_option<false, Members...> {};
template <auto... Members>
struct ordered_by_descending : detail::order_option<true, Members...> {};

// -- declarations of fields -----------------------------------------------------------------------

/// Instead of a serializer: rows are shown by their primary keys.
struct keys_only {};

/// A member of the row under another name, or that of a row behind foreign keys (then it is
/// read-only, and null where a foreign key is): `renamed<"author", &comment::user,
/// &user::username>`.
template <text_literal Name, auto... Members>
struct renamed {};

/// The row that a foreign key refers to, or the rows of a many-to-many member, as objects.
/// Read-only.
template <auto Member, class Serializer, class... Options>
struct nested {};

/// The rows that refer to the row by their foreign key `Member`, shown by a serializer or as
/// `keys_only`. Read-only.
template <text_literal Name, auto Member, class Serializer, class... Options>
struct referrers {};

/// The rows whose many-to-many member `Member` has the row at its far side, shown by a serializer
/// (read-only) or as `keys_only`.
template <text_literal Name, auto Member, class Serializer, class... Options>
struct related {};

/// What the rows that belong to a row come to, as Django's `annotate`: `annotated<"comments",
/// count_of<referring<&comment::article>>>`, `annotated<"total", sum_of<referring<&line::order>,
/// &line::amount>>`, `annotated<"tags", count_of<&article::tags>>`. One query for all rows of a
/// list. Read-only.
template <text_literal Name, auto Aggregate>
struct annotated {};

/// What a function makes of the row: `R fn(const T&)` or `R fn(const T&, const
/// serializer_context&)`, where R is a number, bool, text, date, time, enumeration, JSON, or an
/// optional or list of these. Read-only.
template <text_literal Name, auto Function>
struct computed {};

/// The list of a serializer's fields, in the order in which they are shown. Members of the model
/// are shown by `field<&model::member, Options...>`.
template <class... Fields>
struct shown {};

/// All described members of the model, as the list of a serializer's fields.
struct all_fields {};

} // namespace dcrf
