#include "dcrf/store/internal/row_errors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dcrf::internal {

store_failure row_errors::failure() const {
  return store_failure{
      store_error{.code = store_errc::invalid,
                  .text = "the input is not valid: " + fields_.to_json_text().str(),
                  .errors = fields_}};
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
