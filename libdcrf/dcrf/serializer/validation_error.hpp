#pragma once

#include "dcrf/model/field_errors.hpp"

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
  explicit validation_error(field_errors errors);
  /// `errors` is a text, a list or an object.
  explicit validation_error(const json& errors);
  explicit validation_error(const json_text& errors);

  /// What is wrong, as it was given.
  [[nodiscard]] const field_errors& details() const noexcept { return details_; }

  /// What goes into `errors` of a reply: always a list.
  [[nodiscard]] json_text errors() const { return details_.as_list().to_json_text(); }

  /// The errors by field, as a serializer reports them. What belongs to no field is called
  /// `non_field_errors`.
  [[nodiscard]] field_errors by_field() const { return details_.by_field(); }

private:
  field_errors details_;
};

} // namespace dcrf
