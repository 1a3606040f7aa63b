#pragma once

#include "dcrf/model/descriptor.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace dcrf::internal {

/// Hashes the values that can be keys; all others fall together.
struct key_hash {
  std::size_t operator()(const value& key) const noexcept {
    if (const auto* number = std::get_if<std::int64_t>(&key)) {
      return std::hash<std::int64_t>{}(*number);
    }
    if (const auto* text = std::get_if<std::string>(&key)) {
      return std::hash<std::string>{}(*text);
    }
    if (const auto* id = std::get_if<uuid>(&key)) {
      return std::hash<std::string_view>{}(
          {reinterpret_cast<const char*>(id->bytes.data()), id->bytes.size()});
    }
    return 0;
  }
};

/// Whether a key comes before another of the same type.
inline bool key_less(const value& a, const value& b) noexcept {
  return std::visit(
      []<class A, class B>(const A& x, const B& y) {
        if constexpr (std::is_same_v<A, B> && std::totally_ordered<A>) {
          return x < y;
        } else {
          return false;
        }
      },
      a, b);
}

/// One row of one model.
struct row_key {
  const model_descriptor* model;
  value key;

  friend bool operator==(const row_key&, const row_key&) = default;
};

struct row_key_hash {
  std::size_t operator()(const row_key& x) const noexcept {
    return std::hash<const void*>{}(x.model) * 31 + key_hash{}(x.key);
  }
};

} // namespace dcrf::internal
