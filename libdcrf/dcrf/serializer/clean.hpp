#pragma once

#include "dcrf/model/model.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace dcrf {

namespace detail {

/// @throws validation_error
void full_clean(const model_descriptor& model, record& values);

/// The same for some of the fields.
void clean_values(const model_descriptor& model,
                  std::vector<std::pair<std::size_t, value>>& values);

} // namespace detail

/// Checks a row that was not read by a serializer against its model, and trims its texts: Django's
/// `full_clean`. Keys and automatic times are left alone; what only the store can know is not
/// checked.
/// @throws validation_error with what is wrong with all fields
template <model_type T>
void full_clean(T& x) {
  auto values = to_record(x);
  detail::full_clean(model_of<T>(), values);
  x = from_record<T>(values);
}

} // namespace dcrf
