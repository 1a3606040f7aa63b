#pragma once

#include "dcrf/runtime/runtime.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <utility>

namespace dcrf {

namespace detail {

task<json_text> serialize_rows(const runtime& within, selection rows,
                               const serializer_descriptor& serializer, const user_info* user);
task<json_text> serialize_row(const runtime& within, key x, const serializer_descriptor& serializer,
                              const user_info* user);

} // namespace detail

/// `co_await serialize<message_serializer>(runtime(), rows)`: the rows of a query as a list, with
/// what the serializer shows of related rows, which is loaded in bulk.
/// @param user who asks, for computed fields; may be null, and outlives the task
template <serializer_type S>
[[nodiscard]] task<json_text> serialize(const runtime& within, query<typename S::model_type> rows,
                                        const user_info* user = nullptr) {
  return detail::serialize_rows(within, std::move(rows).get(), serializer_of<S>(), user);
}

/// The row with a primary key as an object.
/// @throws store_failure (not_found) if there is none
template <serializer_type S>
[[nodiscard]] task<json_text> serialize(const runtime& within, key x,
                                        const user_info* user = nullptr) {
  return detail::serialize_row(within, std::move(x), serializer_of<S>(), user);
}

} // namespace dcrf
