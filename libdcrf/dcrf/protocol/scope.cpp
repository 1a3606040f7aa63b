#include "dcrf/protocol/scope.hpp"

#include <algorithm>

namespace dcrf {

namespace {

std::string_view trimmed(std::string_view text) {
  auto start = text.find_first_not_of(" \t");
  if (start == text.npos) {
    return {};
  }
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

int hex_digit(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  auto found = digits.find(lower);
  return found == digits.npos ? -1 : static_cast<int>(found);
}

// What is no escape is taken as it is, as browsers and Django do: a query may come from anywhere.
std::string query_decoded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    auto low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

// Takes the part before the next separator away from the rest.
std::string_view next_part(std::string_view& rest, char separator) {
  auto end = std::min(rest.find(separator), rest.size());
  auto result = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return result;
}

} // namespace

std::optional<std::string_view> scope::header(std::string_view name) const {
  auto found = std::ranges::find(headers, name, &pairs::value_type::first);
  if (found == headers.end()) {
    return std::nullopt;
  }
  return found->second;
}

std::optional<std::string> scope::query(std::string_view name) const {
  std::optional<std::string> result;
  for (std::string_view rest = query_string; !rest.empty();) {
    auto value = next_part(rest, '&');
    if (query_decoded(next_part(value, '=')) == name) {
      result = query_decoded(value);
    }
  }
  return result;
}

scope::pairs scope::query_pairs() const {
  pairs result;
  for (std::string_view rest = query_string; !rest.empty();) {
    auto value = next_part(rest, '&');
    if (!value.empty()) {
      auto name = query_decoded(next_part(value, '='));
      result.emplace_back(std::move(name), query_decoded(value));
    }
  }
  return result;
}

std::optional<std::string_view> scope::cookie(std::string_view name) const {
  for (const auto& [header_name, header_value] : headers) {
    if (header_name != "cookie") {
      continue;
    }
    for (std::string_view rest = header_value; !rest.empty();) {
      auto pair = trimmed(next_part(rest, ';'));
      auto equals = pair.find('=');
      if (equals != pair.npos && pair.substr(0, equals) == name) {
        return pair.substr(equals + 1);
      }
    }
  }
  return std::nullopt;
}

std::string_view scope::parameter(std::string_view name) const {
  auto found = std::ranges::find(parameters, name, &pairs::value_type::first);
  return found == parameters.end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace dcrf
