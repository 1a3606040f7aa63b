#include "dcrf/serializer/clean.hpp"

#include "dcrf/serializer/internal/field_value.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <utility>

namespace dcrf::detail {

void full_clean(const model_descriptor& model, record& values) {
  field_errors errors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& field = model.fields[i];
    if (field.is_primary_key || field.automatic != auto_time::never) {
      continue;
    }
    field_errors found;
    auto read = internal::read_field_value(field, input_value{values[i]}, found);
    if (found.empty()) {
      values[i] = std::move(read);
    }
    errors.set(field.name, std::move(found));
  }
  if (!errors.empty()) {
    throw validation_error(std::move(errors));
  }
}

} // namespace dcrf::detail
