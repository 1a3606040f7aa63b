#include "dcrf/view/page_link.hpp"

#include <algorithm>
#include <utility>

namespace dcrf::detail {

namespace {

void append_encoded(std::string& to, std::string_view text, std::string_view as_they_are) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~";
  for (char c : text) {
    if (unreserved.find(c) != unreserved.npos || as_they_are.find(c) != as_they_are.npos) {
      to += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    to += '%';
    to += digits[byte / 16];
    to += digits[byte % 16];
  }
}

void set(scope::pairs& query, std::string_view name, const std::optional<std::string>& text) {
  std::erase_if(query, [name](const auto& x) { return x.first == name; });
  if (text) {
    query.emplace_back(name, *text);
  }
}

} // namespace

std::string page_link(const scope& asked, const page::difference& difference) {
  auto query = asked.query_pairs();
  for (const auto& [name, text] : difference) {
    set(query, name, text);
  }
  std::ranges::stable_sort(query, {}, &scope::pairs::value_type::first);

  std::string result = "http://";
  result += asked.header("host").value_or("localhost");
  append_encoded(result, asked.path, "/!$&'()*+,;=:@");
  char separator = '?';
  for (const auto& [name, text] : query) {
    result += std::exchange(separator, '&');
    append_encoded(result, name, {});
    result += '=';
    append_encoded(result, text, {});
  }
  return result;
}

} // namespace dcrf::detail
