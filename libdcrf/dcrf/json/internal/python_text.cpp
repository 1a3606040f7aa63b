#include "dcrf/json/internal/python_text.hpp"

#include <string_view>

namespace dcrf {

namespace {

void append_hex(std::string& to, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  to += "\\x";
  to += digits[byte / 16];
  to += digits[byte % 16];
}

// In single quotes, unless only double ones spare it a backslash.
void append_quoted(std::string& to, std::string_view text) {
  bool has_single = text.find('\'') != text.npos;
  char quote = has_single && text.find('"') == text.npos ? '"' : '\'';
  to += quote;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      to += '\\';
      to += c;
    } else if (c == '\n') {
      to += "\\n";
    } else if (c == '\r') {
      to += "\\r";
    } else if (c == '\t') {
      to += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      append_hex(to, c);
    } else {
      to += c;
    }
  }
  to += quote;
}

void append(std::string& to, json_view x) {
  const char* separator = "";
  switch (x.type()) {
  case json_type::null:
    to += "None";
    return;
  case json_type::boolean:
    to += x.boolean() ? "True" : "False";
    return;
  case json_type::int64:
  case json_type::uint64:
  case json_type::real:
    x.append_to(to);
    return;
  case json_type::text:
    append_quoted(to, x.text());
    return;
  case json_type::array:
    to += '[';
    x.each_element([&](json_view element) {
      to += separator;
      append(to, element);
      separator = ", ";
    });
    to += ']';
    return;
  case json_type::object:
    to += '{';
    x.each_member([&](std::string_view name, json_view member) {
      to += separator;
      append_quoted(to, name);
      to += ": ";
      append(to, member);
      separator = ", ";
    });
    to += '}';
    return;
  }
}

} // namespace

std::string python_text(json_view x) {
  std::string result;
  if (x.type() == json_type::text) {
    result = x.text();
  } else {
    append(result, x);
  }
  return result;
}

} // namespace dcrf
