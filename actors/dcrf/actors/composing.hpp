#pragma once

#include "dcrf/actors/messages.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/runtime/repository.hpp"

#include <utility>
#include <vector>

namespace dcrf {

/// The commands that actors of the application send to the repository of a model:
///
///     self->request(orders, caf::infinite, dcrf::commands<order>::get(7))
///
/// Consumers have dcrf::repository instead, whose functions are awaited.
template <model_type T>
struct commands {
  /// The row with a primary key; without it, `store_errc::not_found`.
  static command get(const key& x) { return detail::one_of(model_of<T>(), x); }

  /// All rows of a query.
  static command list(query<T> rows) { return detail::list_of(std::move(rows).get()); }

  /// The number of rows of a query, in `store_result::count`.
  static command count(query<T> rows) { return detail::count_of(std::move(rows).get()); }

  /// Stores a new row; the answer has it with its key and automatic times.
  static command create(const T& row) { return detail::creation_of(model_of<T>(), to_record(row)); }

  /// Stores all fields of a row that exists.
  static command update(const T& row) { return detail::update_of(model_of<T>(), to_record(row)); }

  /// Deletes the row with a primary key, and what refers to it as the models say.
  static command remove(const key& x) { return detail::removal_of(model_of<T>(), x); }
};

/// The rows of an answer; none if it is an error.
template <model_type T>
std::vector<T> rows_of(const store_result& x) {
  std::vector<T> result;
  result.reserve(x.rows.size());
  for (const auto& row : x.rows) {
    result.push_back(from_record<T>(row.values));
  }
  return result;
}

/// The group of an observer, to be named in join_group and leave_group.
/// @param key what the observer's groups are keyed by; nothing for an observer of one group
template <class Observer, class... Key>
group_name group_of(const Key&... key) {
  return {&observer_of<Observer>(), group_key_of<Observer>(key...)};
}

} // namespace dcrf
