#pragma once

#include "dcrf/json/json_view.hpp"
#include "dcrf/model/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dcrf {

/// A value that was given for a field: in JSON, as a text (of a URL, say), or by C++. It is valid
/// as long as what it was made of.
class input_value {
public:
  input_value(json_view x);           // NOLINT: fields are read from any of these
  input_value(std::string_view text); // NOLINT
  explicit input_value(const value& x);

  input_value(const input_value&) = delete;
  input_value& operator=(const input_value&) = delete;

  [[nodiscard]] json_type type() const noexcept { return type_; }
  [[nodiscard]] bool is_null() const noexcept { return type_ == json_type::null; }
  [[nodiscard]] bool is_number() const noexcept {
    return type_ == json_type::int64 || type_ == json_type::uint64 || type_ == json_type::real;
  }

  /// @pre type() == json_type::boolean
  [[nodiscard]] bool boolean() const noexcept { return boolean_; }
  /// @pre type() == json_type::int64
  [[nodiscard]] std::int64_t int64() const noexcept { return integer_; }
  /// @pre is_number()
  [[nodiscard]] double real() const noexcept { return real_; }
  /// @pre type() == json_type::text
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// As JSON.
  [[nodiscard]] std::string to_text() const;
  /// As Python's `str` shows it.
  [[nodiscard]] std::string python_text() const;

private:
  void take_text(std::string x);

  json_type type_ = json_type::null;
  bool boolean_ = false;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string_view text_;
  // What came as JSON, and what was made into text.
  json_view json_{};
  bool is_json_ = false;
  std::string own_;
};

} // namespace dcrf
