#pragma once

#include "dcrf/runtime/runtime.hpp"
#include "dcrf/serializer/clean.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <concepts>
#include <utility>

namespace dcrf {

namespace detail {

task<json_text> serialize_rows(const runtime& within, selection rows,
                               const serializer_descriptor& serializer, const user_info* user);
task<json_text> serialize_row(const runtime& within, key x, const serializer_descriptor& serializer,
                              const user_info* user);
task<json_text> create_and_serialize(const runtime& within, record values,
                                     const serializer_descriptor& serializer,
                                     const user_info* user);
task<json_text> update_and_serialize(const runtime& within, record values,
                                     const serializer_descriptor& serializer,
                                     const user_info* user);

/// Shows the row that an update leaves.
task<json_text> update_and_serialize(const runtime& within, update_command x,
                                     const serializer_descriptor& serializer,
                                     const user_info* user);
/// Checks the values of an update as full_clean does.
/// @throws validation_error
void clean(update_command& x);

template <class Row>
constexpr bool is_named = false;

template <class T>
record cleaned(const T& row) {
  auto result = to_record(row);
  full_clean(model_of<T>(), result);
  return result;
}

} // namespace detail

/// `co_await serialize<message_serializer>(runtime(), rows)`: the rows of a query as a list, with
/// what the serializer shows of related rows, which is loaded in bulk.
/// @param user who asks, for computed fields; may be null, and outlives the task
template <serializer_type S>
task<json_text> serialize(const runtime& within, query<typename S::model_type> rows,
                          const user_info* user = nullptr) {
  return detail::serialize_rows(within, std::move(rows).get(), serializer_of<S>(), user);
}

template <class S, class T>
  requires(!detail::shows<S, T>)
task<json_text> serialize(const runtime&, const query<T>&, const user_info* = nullptr) {
  [[maybe_unused]] constexpr bool is_right = detail::is_over<S, T>();
  return task<json_text>{{}};
}

/// The row with a primary key as an object.
/// @throws store_failure (not_found) if there is none
template <serializer_type S>
task<json_text> serialize(const runtime& within, key x, const user_info* user = nullptr) {
  return detail::serialize_row(within, std::move(x), serializer_of<S>(), user);
}

/// `co_await create<message_serializer>(runtime(), draft)`: checks a new row as full_clean does,
/// stores it, and shows it with what the serializer shows of related rows, all in one command.
/// @throws validation_error with what is wrong with all fields; store_failure (invalid) if a unique
///         value is taken or a reference finds nothing
template <serializer_type S>
task<json_text> create(const runtime& within, const typename S::model_type& draft,
                       const user_info* user = nullptr) {
  return detail::create_and_serialize(within, detail::cleaned(draft), serializer_of<S>(), user);
}

/// The same for all fields of a row that exists.
/// @throws as create; store_failure (not_found)
template <serializer_type S>
task<json_text> update(const runtime& within, const typename S::model_type& x,
                       const user_info* user = nullptr) {
  return detail::update_and_serialize(within, detail::cleaned(x), serializer_of<S>(), user);
}

/// The same for some of the fields; the others are left as they are, and are not checked.
/// @throws as update
template <serializer_type S, auto First, auto... Rest>
task<json_text> update(const runtime& within, const typename S::model_type& x,
                       const user_info* user = nullptr) {
  using model_type = typename S::model_type;
  auto changes = detail::update_of_fields(model_of<model_type>(), to_record(x),
                                          detail::fields_to_update<model_type, First, Rest...>());
  detail::clean(changes);
  return detail::update_and_serialize(within, std::move(changes), serializer_of<S>(), user);
}

/// `co_await update<account_serializer>(runtime(), pk, user, increment<&account::balance>(5))`:
/// changes columns of the row with a primary key, and shows it as it is then.
/// @throws as update; store_failure (conflict)
template <serializer_type S, class... Changes>
  requires(sizeof...(Changes) > 0)
task<json_text> update(const runtime& within, const key& x, const user_info* user,
                       Changes... changes) {
  if constexpr (detail::are_assignments<typename S::model_type, Changes...>()) {
    auto wanted = detail::update_by<typename S::model_type>(x, std::move(changes)...);
    detail::clean(wanted);
    return detail::update_and_serialize(within, std::move(wanted), serializer_of<S>(), user);
  } else {
    return task<json_text>{{}};
  }
}

// gcc 12 destroys an aggregate that is made with braces within a co_await expression twice.
template <serializer_type S, class Row>
  requires std::same_as<Row, typename S::model_type>
task<json_text> create(const runtime&, Row&&, const user_info* = nullptr) {
  static_assert(detail::is_named<Row>, "dcrf: a row has a name before it is created, which gcc 12 "
                                       "asks for: message draft{...}; co_await "
                                       "create<message_serializer>(draft)");
  return task<json_text>{{}};
}
template <serializer_type S, class Row>
  requires std::same_as<Row, typename S::model_type>
task<json_text> update(const runtime&, Row&&, const user_info* = nullptr) {
  static_assert(detail::is_named<Row>, "dcrf: a row has a name before it is updated, which gcc 12 "
                                       "asks for: message changed{...}; co_await "
                                       "update<message_serializer>(changed)");
  return task<json_text>{{}};
}

} // namespace dcrf
