#pragma once

#include "dcrf/json/json_text.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// 400: input is wrong. Thrown by validators, hooks and actions; says what is wrong as a text, a
/// list of texts, or an object of field errors, which may be nested.
class validation_error : public std::runtime_error {
public:
  explicit validation_error(std::string_view text);
  explicit validation_error(const char* text) : validation_error(std::string_view{text}) {}
  explicit validation_error(const std::string& text) : validation_error(std::string_view{text}) {}
  explicit validation_error(const std::vector<std::string>& texts);
  /// One field is wrong.
  validation_error(std::string_view field, std::string_view text);
  /// `errors` is a text, a list or an object.
  explicit validation_error(const json& errors);
  explicit validation_error(const json_text& errors);

  /// What goes into `errors` of a reply: always a list.
  [[nodiscard]] const json_text& errors() const noexcept { return errors_; }

  /// The errors by field, as a serializer reports them: an object whose members are lists or
  /// objects. What belongs to no field is called `non_field_errors`.
  [[nodiscard]] json_text by_field() const;

  /// The errors of one field: a list, or an object if the field has members of its own.
  [[nodiscard]] json_text of_field() const;

private:
  json_text errors_;
};

} // namespace dcrf
