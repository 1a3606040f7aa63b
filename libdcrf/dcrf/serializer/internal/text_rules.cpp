#include "dcrf/serializer/internal/text_rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

namespace dcrf::internal {

namespace {

constexpr std::string_view ascii_spaces = " \t\n\v\f\r\x1c\x1d\x1e\x1f";

// The white space beyond ASCII, in UTF-8: NEL, NBSP, ogham, the quads to hair space, line and
// paragraph separator, narrow NBSP, mathematical and ideographic space.
constexpr std::array<std::string_view, 19> wide_spaces{
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

template <class Matches>
std::size_t space_length(Matches matches) {
  auto found = std::ranges::find_if(wide_spaces, matches);
  return found == wide_spaces.end() ? 0 : found->size();
}

std::size_t leading_space(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  if (static_cast<unsigned char>(text.front()) < 0x80) {
    return ascii_spaces.find(text.front()) == ascii_spaces.npos ? 0 : 1;
  }
  return space_length([&](std::string_view space) { return text.starts_with(space); });
}

std::size_t trailing_space(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  if (static_cast<unsigned char>(text.back()) < 0x80) {
    return ascii_spaces.find(text.back()) == ascii_spaces.npos ? 0 : 1;
  }
  return space_length([&](std::string_view space) { return text.ends_with(space); });
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// -- e-mail addresses -----------------------------------------------------------------------------

bool is_atom_character(char c) {
  constexpr std::string_view others = "!#$%&'*+/=?^_`{|}~-";
  return is_letter(c) || is_digit(c) || others.find(c) != others.npos;
}

// Calls `accepts` for each part between the separators; true if all are accepted.
template <class Accepts>
bool all_parts(std::string_view text, char separator, Accepts accepts) {
  while (true) {
    auto end = std::min(text.find(separator), text.size());
    if (!accepts(text.substr(0, end))) {
      return false;
    }
    if (end == text.size()) {
      return true;
    }
    text.remove_prefix(end + 1);
  }
}

bool is_dot_atom(std::string_view text) {
  return all_parts(text, '.', [](std::string_view atom) {
    return !atom.empty() && std::ranges::all_of(atom, is_atom_character);
  });
}

bool is_quoted_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return false;
  }
  text = text.substr(1, text.size() - 2);
  constexpr std::string_view only_escaped = "\" \t";
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool is_escaped = text[i] == '\\';
    if (is_escaped && ++i == text.size()) {
      return false;
    }
    bool is_control = text[i] == '\0' || text[i] == '\n' || text[i] == '\r';
    bool must_be_escaped = only_escaped.find(text[i]) != only_escaped.npos;
    if (is_control || !is_ascii(text[i]) || (must_be_escaped && !is_escaped)) {
      return false;
    }
  }
  return true;
}

// Letters beyond ASCII stand for their punycode.
bool is_label_character(char c) { return is_letter(c) || is_digit(c) || c == '-' || !is_ascii(c); }

bool is_label(std::string_view text) {
  return !text.empty() && count_code_points(text) <= 63 && text.back() != '-'
         && std::ranges::all_of(text, is_label_character);
}

bool is_domain_name(std::string_view text) {
  auto last_dot = text.rfind('.');
  if (last_dot == text.npos) {
    return false;
  }
  auto top = text.substr(last_dot + 1);
  return is_label(top) && top.size() >= 2
         && all_parts(text.substr(0, last_dot), '.',
                      [](auto label) { return is_label(label) && label.front() != '-'; });
}

bool is_address_literal(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) {
    return false;
  }
  std::string address{text.substr(1, text.size() - 2)};
  // A NUL would end the address early.
  if (address.find('\0') != address.npos) {
    return false;
  }
  std::array<unsigned char, 16> bytes;
  return ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1
         || ::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
}

} // namespace

std::string_view trimmed(std::string_view text) {
  while (auto length = leading_space(text)) {
    text.remove_prefix(length);
  }
  while (auto length = trailing_space(text)) {
    text.remove_suffix(length);
  }
  return text;
}

std::size_t count_code_points(std::string_view text) {
  constexpr auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts));
}

bool is_email_address(std::string_view text) {
  // The longest local part and domain there can be, as Django has it.
  constexpr std::size_t longest = 320;
  auto at = text.rfind('@');
  if (at == text.npos || (text.size() > longest && count_code_points(text) > longest)) {
    return false;
  }
  auto local = text.substr(0, at);
  auto domain = text.substr(at + 1);
  return (is_dot_atom(local) || is_quoted_string(local))
         && (domain == "localhost" || is_domain_name(domain) || is_address_literal(domain));
}

} // namespace dcrf::internal
