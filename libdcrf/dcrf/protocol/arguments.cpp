#include "dcrf/protocol/arguments.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/serializer/read_input.hpp"

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
                                         json_text& errors) {
  if (field.type == field_type::text && x.type() == json_type::text) {
    return std::string{x.text()};
  }
  return read_field(field, x, errors);
}

void argument_errors::add(std::string_view name, std::string_view text) {
  json_writer writer{fields_};
  writer.key(name).begin_array().text(text).end_array();
}

void argument_errors::wrong(std::string_view name, const json_text& list) {
  json_writer{fields_}.key(name).raw(list);
}

void argument_errors::raise() const {
  if (!fields_.empty()) {
    throw validation_error(json_text::trusted('{' + fields_ + '}'));
  }
}

} // namespace detail

} // namespace dcrf
