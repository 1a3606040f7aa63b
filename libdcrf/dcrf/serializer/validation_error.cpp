#include "dcrf/serializer/validation_error.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace dcrf {

namespace {

field_errors one_field(std::string_view field, std::string_view text) {
  field_errors result;
  result.add(field, std::string{text});
  return result;
}

} // namespace

validation_error::validation_error(std::string_view text)
    : std::runtime_error(std::string{text}),
      details_(std::vector<std::string>{std::string{text}}) {}

validation_error::validation_error(const std::vector<std::string>& texts)
    : std::runtime_error(texts.empty() ? "invalid" : texts.front()), details_(texts) {}

validation_error::validation_error(std::string_view field, std::string_view text)
    : validation_error(one_field(field, text)) {}

validation_error::validation_error(field_errors errors)
    : std::runtime_error(errors.to_json_text().str()), details_(std::move(errors)) {}

validation_error::validation_error(const json& errors) : validation_error(json_text{errors}) {}

validation_error::validation_error(const json_text& errors)
    : validation_error(field_errors{errors}) {}

} // namespace dcrf
