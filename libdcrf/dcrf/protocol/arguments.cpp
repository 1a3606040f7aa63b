#include "dcrf/protocol/arguments.hpp"

#include "dcrf/json/json_writer.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace dcrf {

std::optional<bool> argument_traits<bool>::read(json_view x) {
  return x.type() == json_type::boolean ? std::optional{x.boolean()} : std::nullopt;
}

// As for fields, a number may be written with a fraction of zeros.
std::optional<std::int64_t> argument_traits<std::int64_t>::read(json_view x) {
  if (x.type() == json_type::int64) {
    return x.int64();
  }
  if (x.type() == json_type::real && std::abs(x.real()) < 0x1p63
      && std::trunc(x.real()) == x.real()) {
    return static_cast<std::int64_t>(x.real());
  }
  return std::nullopt;
}

std::optional<std::int32_t> argument_traits<std::int32_t>::read(json_view x) {
  auto wide = argument_traits<std::int64_t>::read(x);
  if (!wide || *wide < std::numeric_limits<std::int32_t>::min()
      || *wide > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*wide);
}

std::optional<double> argument_traits<double>::read(json_view x) {
  switch (x.type()) {
  case json_type::int64:
  case json_type::uint64:
  case json_type::real:
    return x.real();
  default:
    return std::nullopt;
  }
}

std::optional<std::string> argument_traits<std::string>::read(json_view x) {
  return x.type() == json_type::text ? std::optional<std::string>{x.text()} : std::nullopt;
}

std::optional<json_text> argument_traits<json_text>::read(json_view x) {
  return json_text::trusted(x.to_text());
}

std::optional<key> argument_traits<key>::read(json_view x) {
  switch (x.type()) {
  case json_type::int64:
    return key{x.int64()};
  case json_type::text:
    return key{std::string{x.text()}};
  default:
    return std::nullopt;
  }
}

std::optional<uuid> argument_traits<uuid>::read(json_view x) {
  return x.type() == json_type::text ? uuid::parse(x.text()) : std::nullopt;
}

std::optional<timestamp> argument_traits<timestamp>::read(json_view x) {
  return x.type() == json_type::text ? timestamp::parse(x.text()) : std::nullopt;
}

std::optional<date> argument_traits<date>::read(json_view x) {
  return x.type() == json_type::text ? date::parse(x.text()) : std::nullopt;
}

namespace detail {

void argument_errors::add(std::string_view name, std::string_view text) {
  json_writer writer{fields_};
  writer.key(name).begin_array().text(text).end_array();
}

void argument_errors::raise() const {
  if (!fields_.empty()) {
    throw validation_error(json_text::trusted('{' + fields_ + '}'));
  }
}

} // namespace detail

} // namespace dcrf
