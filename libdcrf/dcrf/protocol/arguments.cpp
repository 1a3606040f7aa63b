#include "dcrf/protocol/arguments.hpp"

#include "dcrf/serializer/read_input.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace dcrf {

std::optional<json_text> argument_traits<json_text>::read(json_view x) {
  return json_text::trusted(x.to_text());
}

std::optional<key> argument_traits<key>::read(json_view x) {
  switch (x.type()) {
  case json_type::int64:
    return key{x.int64()};
  case json_type::text:
    return key{std::string{x.text()}};
  case json_type::real:
    // As for fields, a number may be written with a fraction of zeros.
    if (std::abs(x.real()) < 0x1p63 && std::trunc(x.real()) == x.real()) {
      return key{static_cast<std::int64_t>(x.real())};
    }
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

namespace detail {

std::optional<value> read_argument_value(const field_descriptor& field, const input_value& x,
                                         field_errors& errors) {
  if (field.type == field_type::text && x.type() == json_type::text) {
    return std::string{x.text()};
  }
  return read_field(field, x, errors);
}

field_errors no_object(json_view x) {
  field_errors result;
  result.add("non_field_errors", fmt::format("Invalid data. Expected a dictionary, but got {}.",
                                             python_name(x.type())));
  return result;
}

field_errors no_list() {
  field_errors result;
  result.add(std::string{argument_traits<std::vector<bool>>::expected});
  return result;
}

void argument_errors::raise() const {
  if (!errors_.empty()) {
    throw validation_error(errors_);
  }
}

} // namespace detail

} // namespace dcrf
