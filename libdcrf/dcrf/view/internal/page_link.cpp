#include "dcrf/view/internal/page_link.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/pchars.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <utility>

namespace dcrf::detail {

namespace {

// What is never escaped, and what else a path has (RFC 3986, section 3.3).
constexpr auto unreserved = boost::urls::unreserved_chars;
constexpr auto in_path = boost::urls::pchars + '/';

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

  std::string result = asked.scheme + "://";
  result += asked.host.empty() ? "localhost" : asked.host;
  result += asked.prefix;
  result += boost::urls::encode(asked.path, in_path);
  char separator = '?';
  for (const auto& [name, text] : query) {
    result += std::exchange(separator, '&');
    result += boost::urls::encode(name, unreserved);
    result += '=';
    result += boost::urls::encode(text, unreserved);
  }
  return result;
}

} // namespace dcrf::detail
