#pragma once

#include "dcrf/model/value_traits.hpp"

#include <vector>

namespace dcrf::detail {

/// Keys in the type of their model, and as values.
template <class Key>
std::vector<Key> keys_of(const std::vector<value>& values) {
  std::vector<Key> result;
  result.reserve(values.size());
  for (const auto& x : values) {
    result.push_back(value_traits<Key>::from_value(x));
  }
  return result;
}

template <class Key>
std::vector<value> values_of_keys(const std::vector<Key>& keys) {
  std::vector<value> result;
  result.reserve(keys.size());
  for (const auto& x : keys) {
    result.push_back(value_traits<Key>::to_value(x));
  }
  return result;
}

} // namespace dcrf::detail
