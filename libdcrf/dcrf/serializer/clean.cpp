#include "dcrf/serializer/clean.hpp"

#include "dcrf/serializer/internal/field_value.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <utility>

namespace dcrf::detail {

namespace {

// Checks one value, and trims it.
void clean(const field_descriptor& field, value& x, field_errors& errors) {
  if (field.is_primary_key || field.is_version || field.automatic != auto_time::never) {
    return;
  }
  field_errors found;
  auto read = internal::read_field_value(field, input_value{x}, found);
  if (found.empty()) {
    x = std::move(read);
  }
  errors.set(field.name, std::move(found));
}

void raise(field_errors errors) {
  if (!errors.empty()) {
    throw validation_error(std::move(errors));
  }
}

} // namespace

void full_clean(const model_descriptor& model, record& values) {
  field_errors errors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    clean(model.fields[i], values[i], errors);
  }
  raise(std::move(errors));
}

void clean_values(const model_descriptor& model,
                  std::vector<std::pair<std::size_t, value>>& values) {
  field_errors errors;
  for (auto& [field, x] : values) {
    clean(model.fields[field], x, errors);
  }
  raise(std::move(errors));
}

} // namespace dcrf::detail
