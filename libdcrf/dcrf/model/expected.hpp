#pragma once

#include <optional>
#include <utility>
#include <variant>

namespace dcrf {

/// Why there is no value: what an `expected` is made from then.
template <class Error>
class unexpected {
public:
  explicit unexpected(Error x) : error_(std::move(x)) {}

  [[nodiscard]] Error&& error() && noexcept { return std::move(error_); }

private:
  Error error_;
};

/// A value, or why there is none: as much of C++23's std::expected as is used here.
template <class T, class Error>
class [[nodiscard]] expected {
public:
  expected(T value) : state_(std::in_place_index<0>, std::move(value)) {} // NOLINT: it is one
  expected(unexpected<Error> x)                                           // NOLINT
      : state_(std::in_place_index<1>, std::move(x).error()) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// @pre has_value()
  [[nodiscard]] T& operator*() noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] const T& operator*() const noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&state_); }
  [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  /// @pre !has_value()
  [[nodiscard]] Error& error() noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] const Error& error() const noexcept { return *std::get_if<1>(&state_); }

private:
  std::variant<T, Error> state_;
};

/// Nothing, or why it could not be done.
template <class Error>
class [[nodiscard]] expected<void, Error> {
public:
  expected() = default;
  expected(unexpected<Error> x) : error_(std::move(x).error()) {} // NOLINT

  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }

  /// @pre !has_value()
  [[nodiscard]] Error& error() noexcept { return *error_; }
  [[nodiscard]] const Error& error() const noexcept { return *error_; }

private:
  std::optional<Error> error_;
};

} // namespace dcrf
