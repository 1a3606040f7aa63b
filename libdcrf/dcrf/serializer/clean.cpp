#include "dcrf/serializer/clean.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/serializer/internal/field_value.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <utility>

namespace dcrf::detail {

void full_clean(const model_descriptor& model, record& values) {
  std::string text;
  json_writer row{text};
  row.begin_array();
  for (const auto& x : values) {
    write_json(row, x);
  }
  row.end_array();
  json_reader reader;
  auto shown = reader.read(text);

  std::string errors;
  json_writer writer{errors};
  writer.begin_object();
  std::size_t i = 0;
  shown.each_element([&](json_view x) {
    const auto& field = model.fields[i];
    auto& to = values[i++];
    if (field.is_primary_key || field.automatic != auto_time::never) {
      return;
    }
    internal::field_errors found;
    auto read = internal::read_field_value(field, x, found);
    if (found.empty()) {
      to = std::move(read);
      return;
    }
    writer.key(field.name);
    found.write(writer);
  });
  writer.end_object();
  if (errors != "{}") {
    throw validation_error(json_text::trusted(std::move(errors)));
  }
}

} // namespace dcrf::detail
