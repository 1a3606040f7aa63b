#include "dcrf/json/json_reader.hpp"

#include "dcrf/json/json_text.hpp"
#include "dcrf/json/json_writer.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <bit>
#include <cctype>
#include <charconv>
#include <string>

namespace dcrf {

namespace dom = simdjson::dom;

// -- views ----------------------------------------------------------------------------------------

struct json_view::access {
  static dom::element element(const json_view& view) noexcept {
    return std::bit_cast<dom::element>(view.element_);
  }
  static json_view view(dom::element element) noexcept {
    json_view result;
    result.element_ = std::bit_cast<decltype(result.element_)>(element);
    return result;
  }
};

std::string_view python_name(json_type type) noexcept {
  switch (type) {
  case json_type::null:
    return "NoneType";
  case json_type::boolean:
    return "bool";
  case json_type::int64:
  case json_type::uint64:
    return "int";
  case json_type::real:
    return "float";
  case json_type::text:
    return "str";
  case json_type::array:
    return "list";
  case json_type::object:
    return "dict";
  }
  return "";
}

json_type json_view::type() const noexcept {
  switch (access::element(*this).type()) {
  case dom::element_type::ARRAY:
    return json_type::array;
  case dom::element_type::OBJECT:
    return json_type::object;
  case dom::element_type::INT64:
    return json_type::int64;
  case dom::element_type::UINT64:
    return json_type::uint64;
  case dom::element_type::DOUBLE:
    return json_type::real;
  case dom::element_type::STRING:
    return json_type::text;
  case dom::element_type::BOOL:
    return json_type::boolean;
  case dom::element_type::NULL_VALUE:
    return json_type::null;
  }
  return json_type::null;
}

bool json_view::boolean() const noexcept {
  return access::element(*this).get_bool().value_unsafe();
}

std::int64_t json_view::int64() const noexcept {
  return access::element(*this).get_int64().value_unsafe();
}

std::uint64_t json_view::uint64() const noexcept {
  return access::element(*this).get_uint64().value_unsafe();
}

double json_view::real() const noexcept {
  return access::element(*this).get_double().value_unsafe();
}

std::string_view json_view::text() const noexcept {
  return access::element(*this).get_string().value_unsafe();
}

std::size_t json_view::size() const noexcept {
  // The parser's own count saturates at 2^24, so the elements are counted.
  std::size_t result = 0;
  if (dom::array array; access::element(*this).get(array) == simdjson::SUCCESS) {
    for (auto element [[maybe_unused]] : array) {
      ++result;
    }
  } else if (dom::object object; access::element(*this).get(object) == simdjson::SUCCESS) {
    for (auto member [[maybe_unused]] : object) {
      ++result;
    }
  }
  return result;
}

std::optional<json_view> json_view::find(std::string_view name) const noexcept {
  std::optional<json_view> result;
  each_member([&](std::string_view key, json_view value) {
    if (key == name) {
      result = value;
    }
  });
  return result;
}

void json_view::visit_members(void* state,
                              void (*visitor)(void*, std::string_view, json_view)) const {
  if (dom::object object; access::element(*this).get(object) == simdjson::SUCCESS) {
    for (auto [key, value] : object) {
      visitor(state, key, access::view(value));
    }
  }
}

void json_view::visit_elements(void* state, void (*visitor)(void*, json_view)) const {
  if (dom::array array; access::element(*this).get(array) == simdjson::SUCCESS) {
    for (auto value : array) {
      visitor(state, access::view(value));
    }
  }
}

namespace {

void write(json_writer& writer, const json_view& view) {
  switch (view.type()) {
  case json_type::null:
    writer.null();
    break;
  case json_type::boolean:
    writer.boolean(view.boolean());
    break;
  case json_type::int64:
    writer.integer(view.int64());
    break;
  case json_type::uint64:
    writer.integer(view.uint64());
    break;
  case json_type::real:
    writer.real(view.real());
    break;
  case json_type::text:
    writer.text(view.text());
    break;
  case json_type::array:
    writer.begin_array();
    view.each_element([&](json_view element) { write(writer, element); });
    writer.end_array();
    break;
  case json_type::object:
    writer.begin_object();
    view.each_member([&](std::string_view name, json_view value) {
      writer.key(name);
      write(writer, value);
    });
    writer.end_object();
    break;
  }
}

} // namespace

void json_view::append_to(std::string& out) const {
  // Elsewhere the writer would take the value for the next of several, and set a comma.
  constexpr std::string_view openings = "{[:";
  if (out.empty() || openings.find(out.back()) != openings.npos) {
    json_writer writer{out};
    write(writer, *this);
  } else {
    out += to_text();
  }
}

std::string json_view::to_text() const {
  std::string result;
  json_writer writer{result};
  write(writer, *this);
  return result;
}

json json_view::to_json() const {
  switch (type()) {
  case json_type::null:
    return nullptr;
  case json_type::boolean:
    return boolean();
  case json_type::int64:
    return int64();
  case json_type::uint64:
    return uint64();
  case json_type::real:
    return real();
  case json_type::text:
    return std::string{text()};
  case json_type::array: {
    auto result = json::array();
    each_element([&](json_view element) { result.push_back(element.to_json()); });
    return result;
  }
  case json_type::object: {
    auto result = json::object();
    each_member([&](std::string_view name, json_view value) {
      result[std::string{name}] = value.to_json();
    });
    return result;
  }
  }
  return nullptr;
}

// -- reading --------------------------------------------------------------------------------------

namespace {

bool fits_64_bits(std::string_view digits) {
  std::int64_t narrow;
  std::uint64_t wide;
  auto last = digits.data() + digits.size();
  return std::from_chars(digits.data(), last, narrow).ec == std::errc{}
         || std::from_chars(digits.data(), last, wide).ec == std::errc{};
}

// Gives every integer beyond 64 bits a fraction, so that the parser takes it for a double.
std::string with_wide_integers_as_doubles(std::string_view text) {
  std::string result;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    char c = text[i];
    if (in_string || (c != '-' && std::isdigit(static_cast<unsigned char>(c)) == 0)) {
      auto length = std::size_t{in_string && c == '\\' && i + 1 < text.size() ? 2u : 1u};
      in_string = c == '"' ? !in_string : in_string;
      result.append(text, i, length);
      i += length;
      continue;
    }
    auto end = text.find_first_not_of("+-.eE0123456789", i);
    auto number = text.substr(i, end == text.npos ? text.npos : end - i);
    result += number;
    if (number.find_first_of(".eE") == number.npos && !fits_64_bits(number)) {
      result += ".0";
    }
    i += number.size();
  }
  return result;
}

} // namespace

struct json_reader::parser {
  dom::parser dom;
  std::size_t depth;

  // A thread does not hold for ever what one client sent it.
  static constexpr std::size_t kept_capacity = 64 * 1024;

  bool give_back() {
    if (dom.capacity() <= kept_capacity) {
      return false;
    }
    dom = dom::parser{};
    return true;
  }

  simdjson::error_code parse(std::string_view text, dom::element& result) {
    if (text.size() <= kept_capacity) {
      give_back();
    }
    if (dom.capacity() < text.size() || dom.max_depth() != depth) {
      if (auto error = dom.allocate(std::max<std::size_t>(text.size(), 1024), depth)) {
        return error;
      }
    }
    return dom.parse(text.data(), text.size()).get(result);
  }
};

json_reader::json_reader(std::size_t depth) : parser_(std::make_unique<parser>()) {
  // The parser refuses the level that it is given.
  parser_->depth = depth + 1;
}

json_reader::json_reader(json_reader&&) noexcept = default;
json_reader& json_reader::operator=(json_reader&&) noexcept = default;
json_reader::~json_reader() = default;

bool json_reader::give_back() { return parser_->give_back(); }

json_view json_reader::read(std::string_view text) {
  dom::element root;
  auto error = parser_->parse(text, root);
  if (error == simdjson::NUMBER_ERROR || error == simdjson::NUMBER_OUT_OF_RANGE) {
    error = parser_->parse(with_wide_integers_as_doubles(text), root);
  }
  if (error == simdjson::DEPTH_ERROR) {
    throw json_error("JSON is nested too deep.");
  }
  if (error != simdjson::SUCCESS) {
    throw json_error(std::string{"JSON parse error: "} + simdjson::error_message(error));
  }
  return json_view::access::view(root);
}

// -- text -----------------------------------------------------------------------------------------

json_text::json_text(const json& tree)
    : text_(tree.dump(-1, ' ', false, json::error_handler_t::replace)) {}

json_text json_text::parse(std::string_view text) {
  json_reader reader;
  return trusted(reader.read(text).to_text());
}

json json_text::to_json() const { return json::parse(text_); }

} // namespace dcrf
