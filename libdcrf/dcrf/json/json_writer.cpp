#include "dcrf/json/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace dcrf {

namespace {

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

// Characters that can be copied as they are: all of ASCII but control characters, quote, backslash.
constexpr auto plain_characters = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0x20; c < 0x80; ++c) {
    table[c] = c != '"' && c != '\\';
  }
  return table;
}();

bool is_plain(char c) { return plain_characters[static_cast<unsigned char>(c)]; }

// How many plain characters there are at the beginning of `x`. Looks at eight at a time: a byte's
// highest bit is set where it is below a space, a quote, a backslash, or beyond ASCII. It may be
// set above such a byte too, so these eight are looked at one by one.
std::size_t plain_length(std::string_view x) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high = 0x80 * ones;
  auto is_zero = [](std::uint64_t each) { return each - ones; };
  std::size_t length = 0;
  for (; length + 8 <= x.size(); length += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, x.data() + length, sizeof word);
    auto special =
        word | (word - 0x20 * ones) | is_zero(word ^ ('"' * ones)) | is_zero(word ^ ('\\' * ones));
    if ((special & high) != 0) {
      break;
    }
  }
  while (length < x.size() && is_plain(x[length])) {
    ++length;
  }
  return length;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\b':
    out += "\\b";
    return;
  case '\f':
    out += "\\f";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
}

// The length of the UTF-8 sequence at the start of `x` (RFC 3629); 0 if there is none.
std::size_t sequence_length(std::string_view x) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(x[i]); };
  auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < x.size() && byte(i) >= low && byte(i) <= high;
  };
  auto first = byte(0);
  if (first >= 0xc2 && first <= 0xdf) {
    return continues(1) ? 2 : 0;
  }
  if (first >= 0xe0 && first <= 0xef) {
    auto low = first == 0xe0 ? 0xa0u : 0x80u;
    auto high = first == 0xed ? 0x9fu : 0xbfu;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    auto low = first == 0xf0 ? 0x90u : 0x80u;
    auto high = first == 0xf4 ? 0x8fu : 0xbfu;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

template <class Number>
void append_number(std::string& out, Number x) {
  std::array<char, 32> buffer;
  auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x);
  out.append(buffer.data(), end);
}

} // namespace

void append_json_string(std::string& out, std::string_view x) {
  out += '"';
  for (std::size_t i = 0; i < x.size();) {
    auto run = plain_length(x.substr(i));
    out.append(x, i, run);
    i += run;
    if (i == x.size()) {
      break;
    }
    if (static_cast<unsigned char>(x[i]) < 0x80) {
      append_escaped(out, x[i++]);
    } else if (auto length = sequence_length(x.substr(i))) {
      out.append(x, i, length);
      i += length;
    } else {
      out += replacement_character;
      ++i;
    }
  }
  out += '"';
}

void append_json_real(std::string& out, double x) {
  if (!std::isfinite(x)) {
    out += "null";
    return;
  }
  auto magnitude = std::fabs(x);
  bool is_plain_number = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  auto format = is_plain_number ? std::chars_format::fixed : std::chars_format::scientific;
  std::array<char, 32> buffer;
  auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, format).ptr;
  std::string_view text{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  out += text;
  if (is_plain_number && text.find('.') == text.npos) {
    out += ".0";
  }
}

void json_writer::separate() {
  if (!out_.empty()) {
    auto last = out_.back();
    if (last != '{' && last != '[' && last != ':') {
      out_ += ',';
    }
  }
}

json_writer& json_writer::begin_object() {
  separate();
  out_ += '{';
  return *this;
}

json_writer& json_writer::end_object() {
  out_ += '}';
  return *this;
}

json_writer& json_writer::begin_array() {
  separate();
  out_ += '[';
  return *this;
}

json_writer& json_writer::end_array() {
  out_ += ']';
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  return *this;
}

json_writer& json_writer::null() { return raw("null"); }

json_writer& json_writer::boolean(bool x) { return raw(x ? "true" : "false"); }

json_writer& json_writer::integer(std::int64_t x) {
  separate();
  append_number(out_, x);
  return *this;
}

json_writer& json_writer::integer(std::uint64_t x) {
  separate();
  append_number(out_, x);
  return *this;
}

json_writer& json_writer::real(double x) {
  append_json_real(next(), x);
  return *this;
}

json_writer& json_writer::text(std::string_view x) {
  separate();
  append_json_string(out_, x);
  return *this;
}

json_writer& json_writer::raw(std::string_view x) {
  separate();
  out_ += x;
  return *this;
}

} // namespace dcrf
