#pragma once

#include "dcrf/model/path.hpp"
#include "dcrf/store/query.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

// What many rows come to in one value, as it is written.

namespace dcrf {

namespace detail {

/// The type of an aggregate's value; void if the column's type has none.
template <aggregate::function What, class Column>
struct aggregate_value {
  using type = void;
};
template <class Column>
struct aggregate_value<aggregate::function::count, Column> {
  using type = std::int64_t;
};
template <class Column>
struct aggregate_value<aggregate::function::sum, Column> : number_type<Column> {};
template <class Column>
  requires(!std::is_void_v<typename number_type<Column>::type>)
struct aggregate_value<aggregate::function::avg, Column> {
  using type = std::optional<double>;
};
template <aggregate::function What, class Column>
  requires((What == aggregate::function::min || What == aggregate::function::max)
           && (!std::is_void_v<typename number_type<Column>::type>
               || std::same_as<Column, std::string> || std::same_as<Column, date>
               || std::same_as<Column, timestamp>))
struct aggregate_value<What, Column> {
  using type = std::optional<Column>;
};

} // namespace detail

/// What many rows come to: see `count_of` and the others.
template <aggregate::function What, auto... Steps>
struct aggregate_of {
  static constexpr auto what = What;
};

/// How many rows there are: `count_of<>`; or how many have a value in a column:
/// `count_of<&article::author>`. In a serializer, how many rows belong to one:
/// `count_of<referring<&comment::article>>`, `count_of<&article::tags>`.
template <auto... Steps>
inline constexpr aggregate_of<aggregate::function::count, Steps...> count_of{};

/// The sum of a column of numbers, without those that are null: `sum_of<&order::amount>`; 0 of
/// none. In a serializer, over the rows that belong to one: `sum_of<referring<&line::order>,
/// &line::amount>`.
template <auto... Steps>
inline constexpr aggregate_of<aggregate::function::sum, Steps...> sum_of{};

/// The average of a column of numbers, without those that are null, as double; nothing of none.
template <auto... Steps>
inline constexpr aggregate_of<aggregate::function::avg, Steps...> avg_of{};

/// The least number, text, day or time in a column; nothing of none.
template <auto... Steps>
inline constexpr aggregate_of<aggregate::function::min, Steps...> min_of{};

/// The greatest number, text, day or time in a column; nothing of none.
template <auto... Steps>
inline constexpr aggregate_of<aggregate::function::max, Steps...> max_of{};

namespace detail {

template <class Aggregate>
constexpr bool is_aggregate = false;
template <aggregate::function What, auto... Steps>
constexpr bool is_aggregate<aggregate_of<What, Steps...>> = true;

/// An aggregate over the rows of a query of `T`.
template <class T, class Aggregate>
struct aggregate_over;

template <class T, aggregate::function What>
struct aggregate_over<T, aggregate_of<What>> {
  static_assert(What == aggregate::function::count,
                "dcrf: this aggregate wants a column: sum_of<&model::member>");
  using type = std::int64_t;
  static aggregate get() { return {}; }
};

template <class T, aggregate::function What, auto... Steps>
struct aggregate_over<T, aggregate_of<What, Steps...>> {
  using column_type = column_of<Steps...>;
  static_assert(std::same_as<typename column_type::model_type, T>,
                "dcrf: what is aggregated is a column of the query's model");
  static_assert(!column_type::is_to_many,
                "dcrf: a row may have several values of this column: query the rows that it is of");
  using type = typename aggregate_value<What, typename column_type::value_type>::type;
  static_assert(!std::is_void_v<type>,
                "dcrf: sum_of and avg_of are of numbers, min_of and max_of of numbers, texts, days "
                "and times");
  static aggregate get() { return {What, column_type::path()}; }
};

/// Whether a column may be null, by itself or because a reference on the way is.
template <auto... Members>
constexpr bool may_be_null = (value_traits<type_of<Members>>::is_nullable || ...);

template <class T>
T value_as(const value& x) {
  return value_traits<T>::from_value(x);
}

} // namespace detail

} // namespace dcrf
