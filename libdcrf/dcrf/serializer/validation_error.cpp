#include "dcrf/serializer/validation_error.hpp"

#include "dcrf/json/json_writer.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace dcrf {

namespace {

json_text list_of(const std::vector<std::string>& texts) {
  std::string result;
  json_writer writer{result};
  writer.begin_array();
  for (const auto& text : texts) {
    writer.text(text);
  }
  writer.end_array();
  return json_text::trusted(std::move(result));
}

json_text as_list(const json_text& errors) {
  return errors.str().starts_with('[') ? errors : json_text::trusted('[' + errors.str() + ']');
}

json one_field(std::string_view field, std::string_view text) {
  auto result = json::object();
  result[std::string{field}] = json::array({std::string{text}});
  return result;
}

// The object of a list that holds nothing else; null if it is something else.
const json* only_object(const json& errors) {
  return errors.size() == 1 && errors[0].is_object() ? &errors[0] : nullptr;
}

} // namespace

validation_error::validation_error(std::string_view text)
    : std::runtime_error(std::string{text}), errors_(list_of({std::string{text}})) {}

validation_error::validation_error(const std::vector<std::string>& texts)
    : std::runtime_error(texts.empty() ? "invalid" : texts.front()), errors_(list_of(texts)) {}

validation_error::validation_error(std::string_view field, std::string_view text)
    : validation_error(one_field(field, text)) {}

validation_error::validation_error(const json& errors) : validation_error(json_text{errors}) {}

validation_error::validation_error(const json_text& errors)
    : std::runtime_error(errors.str()), errors_(as_list(errors)) {}

json_text validation_error::by_field() const {
  auto errors = errors_.to_json();
  auto result = json::object();
  if (const auto* fields = only_object(errors)) {
    for (const auto& [name, error] : fields->items()) {
      result[name] = error.is_structured() ? error : json::array({error});
    }
  } else {
    result["non_field_errors"] = std::move(errors);
  }
  return json_text{result};
}

json_text validation_error::of_field() const {
  auto errors = errors_.to_json();
  const auto* fields = only_object(errors);
  return fields != nullptr ? json_text{*fields} : errors_;
}

} // namespace dcrf
