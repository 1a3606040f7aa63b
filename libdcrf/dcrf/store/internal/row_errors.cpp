#include "dcrf/store/internal/row_errors.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/json/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dcrf::internal {

row_errors::row_errors(const json_text& found) {
  if (found.str() == "{}") {
    return;
  }
  json_reader reader;
  reader.read(found.str()).each_member([&](std::string_view name, json_view list) {
    auto text = list.to_text();
    auto is_list = list.type() == json_type::array;
    fields_.push_back(
        {std::string{name}, is_list ? text.substr(1, text.size() - 2) : text, is_list});
  });
}

void row_errors::add(std::string_view field, std::string_view message) {
  auto known = std::ranges::find(fields_, field, &entry::field);
  if (known == fields_.end()) {
    known = fields_.insert(known, {std::string{field}, {}});
  }
  if (!known->is_list) {
    return;
  }
  if (!known->elements.empty()) {
    known->elements += ',';
  }
  append_json_string(known->elements, message);
}

bool row_errors::has(std::string_view field) const noexcept {
  return std::ranges::find(fields_, field, &entry::field) != fields_.end();
}

store_failure row_errors::failure() const {
  std::string text;
  json_writer writer{text};
  writer.begin_object();
  for (const auto& x : fields_) {
    writer.key(x.field).raw(x.is_list ? '[' + x.elements + ']' : x.elements);
  }
  writer.end_object();
  return store_failure{store_error{.code = store_errc::invalid,
                                   .text = "the input is not valid: " + text,
                                   .errors = json_text::trusted(text)}};
}

std::string taken_message(const model_descriptor& model, const field_descriptor& field) {
  std::string label{field.name};
  std::ranges::replace(label, '_', ' ');
  return fmt::format("{} with this {} already exists.", model.name, label);
}

std::string taken_together_message(const model_descriptor& model,
                                   std::span<const std::size_t> fields) {
  std::string names;
  for (auto i : fields) {
    names += names.empty() ? "" : ", ";
    names += model.fields[i].name;
  }
  return fmt::format("The fields {} must make a unique set.", names);
}

std::string missing_message(const value& key) {
  return fmt::format("Invalid pk \"{}\" - object does not exist.", to_string(key));
}

} // namespace dcrf::internal
