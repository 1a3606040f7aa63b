#pragma once

#include "dcrf/model/value.hpp"

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf {

/// A type that can be a primary key.
template <class T>
concept key_type =
    std::same_as<T, std::int64_t> || std::same_as<T, std::string> || std::same_as<T, uuid>;

/// The primary key of some row: a number, a text or a UUID, or null for no row. It converts to the
/// type that the model at hand has.
class key {
public:
  key() = default;
  key(std::int64_t x) : value_(x) {}                  // NOLINT: a key is made from what it holds
  key(std::string x) : value_(std::move(x)) {}        // NOLINT
  key(std::string_view x) : value_(std::string{x}) {} // NOLINT
  key(const char* x) : value_(std::string{x}) {}      // NOLINT
  key(uuid x) : value_(x) {}                          // NOLINT
  key(int x) : value_(std::int64_t{x}) {}             // NOLINT: a literal

  /// @pre `x` is null, a number, a text or a UUID
  explicit key(value x) : value_(std::move(x)) {}

  [[nodiscard]] bool is_null() const noexcept { return dcrf::is_null(value_); }

  /// @throws std::bad_variant_access if the key is null or of another type.
  template <key_type T>
  operator T() const { // NOLINT: rows are written with their keys' own types
    return std::get<T>(value_);
  }

  [[nodiscard]] const value& get() const noexcept { return value_; }

  friend bool operator==(const key&, const key&) = default;

private:
  value value_;
};

} // namespace dcrf
