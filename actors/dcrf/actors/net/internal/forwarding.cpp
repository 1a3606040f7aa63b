#include "dcrf/actors/net/internal/forwarding.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/parse_path.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dcrf::internal {

namespace beast = boost::beast;
namespace net = boost::asio;

namespace {

using address = net::ip::address;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  auto start = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(start);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

// Splits where no quoted text is (RFC 9110, section 5.6.4).
std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> result;
  bool is_quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == separator && !is_quoted)) {
      result.push_back(trimmed(text.substr(start, i - start)));
      start = i + 1;
    } else if (text[i] == '"') {
      is_quoted = !is_quoted;
    } else if (text[i] == '\\' && is_quoted) {
      ++i;
    }
  }
  return result;
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return std::string{text};
  }
  std::string result;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) {
      ++i;
    }
    result += text[i];
  }
  return result;
}

// One address may be both: IPv4, and IPv4 in the form of IPv6.
address plain(const address& x) {
  return x.is_v6() && x.to_v6().is_v4_mapped()
             ? address{net::ip::make_address_v4(net::ip::v4_mapped, x.to_v6())}
             : x;
}

// With a port or without.
std::optional<address> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  boost::system::error_code error;
  auto result = net::ip::make_address(std::string{text}, error);
  return error ? std::nullopt : std::optional{plain(result)};
}

// The values of a header, of all lines of that name.
std::vector<std::string> values_of(const request_head& head, std::string_view name) {
  std::vector<std::string> result;
  auto [first, last] = head.equal_range(beast::string_view{name.data(), name.size()});
  for (auto i = first; i != last; ++i) {
    for (auto part : parts_of({i->value().data(), i->value().size()}, ',')) {
      result.emplace_back(part);
    }
  }
  return result;
}

// What each proxy has added, one after the other: the last one is the nearest.
struct forwarded_headers {
  std::vector<std::string> addresses, schemes, hosts, prefixes;

  [[nodiscard]] bool empty() const {
    return addresses.empty() && schemes.empty() && hosts.empty() && prefixes.empty();
  }
};

forwarded_headers read_common(const request_head& head) {
  return {.addresses = values_of(head, "X-Forwarded-For"),
          .schemes = values_of(head, "X-Forwarded-Proto"),
          .hosts = values_of(head, "X-Forwarded-Host"),
          .prefixes = values_of(head, "X-Forwarded-Prefix")};
}

forwarded_headers read_standard(const request_head& head) {
  forwarded_headers result;
  for (const auto& element : values_of(head, "Forwarded")) {
    for (auto pair : parts_of(element, ';')) {
      auto equals = std::min(pair.find('='), pair.size());
      auto name = pair.substr(0, equals);
      auto value = unquoted(pair.substr(std::min(equals + 1, pair.size())));
      if (beast::iequals(name, "for")) {
        result.addresses.push_back(std::move(value));
      } else if (beast::iequals(name, "proto")) {
        result.schemes.push_back(std::move(value));
      } else if (beast::iequals(name, "host")) {
        result.hosts.push_back(std::move(value));
      }
    }
  }
  return result;
}

// The value that the proxy has set which the client is connected to.
std::string_view set_by(std::size_t proxies, const std::vector<std::string>& values) {
  return values.empty() ? std::string_view{}
                        : values[values.size() - std::min(proxies, values.size())];
}

std::string_view web_scheme(std::string_view text) {
  if (beast::iequals(text, "https") || beast::iequals(text, "wss")) {
    return "https";
  }
  return beast::iequals(text, "http") || beast::iequals(text, "ws") ? "http" : "";
}

bool is_host(std::string_view text) {
  auto authority = boost::urls::parse_authority(text);
  return authority && !authority->has_userinfo() && !authority->encoded_host().empty();
}

// Without the slash at its end.
std::string_view path_prefix(std::string_view text) {
  if (!text.starts_with('/') || text.starts_with("//") || !boost::urls::parse_path(text)) {
    return {};
  }
  return text.substr(0, text.find_last_not_of('/') + 1);
}

void apply(client_side& to, const forwarded_headers& said, const trusted_proxies& trusted) {
  std::size_t proxies = 1;
  for (auto i = said.addresses.rbegin(); i != said.addresses.rend(); ++i) {
    auto node = parse_node(*i);
    if (!node) {
      break;
    }
    to.address = node->to_string();
    if (!trusted.contains(*node)) {
      break;
    }
    ++proxies;
  }
  if (auto scheme = web_scheme(set_by(proxies, said.schemes)); !scheme.empty()) {
    to.scheme = scheme;
  }
  if (auto host = set_by(proxies, said.hosts); is_host(host)) {
    to.host = host;
  }
  to.prefix = path_prefix(set_by(proxies, said.prefixes));
}

bool agree(const client_side& a, const client_side& b) {
  return a.address == b.address && a.scheme == b.scheme && a.host == b.host;
}

} // namespace

// -- trusted_proxies ------------------------------------------------------------------------------

trusted_proxies::trusted_proxies(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) {
    if (entry == of_path) {
      with_paths_ = true;
    } else if (auto x = parse(entry)) {
      networks_.push_back(*x);
    }
  }
}

std::optional<trusted_proxies::network> trusted_proxies::parse(std::string_view entry) {
  auto slash = std::min(entry.find('/'), entry.size());
  boost::system::error_code error;
  network result{plain(net::ip::make_address(std::string{entry.substr(0, slash)}, error)), 0};
  if (error) {
    return std::nullopt;
  }
  unsigned most = result.first.is_v4() ? 32 : 128;
  result.bits = most;
  if (slash < entry.size()) {
    auto text = entry.substr(slash + 1);
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), result.bits);
    if (failure != std::errc{} || end != text.data() + text.size() || result.bits > most) {
      return std::nullopt;
    }
  }
  return result;
}

bool trusted_proxies::contains(const address& x) const {
  auto begins_alike = [](const auto& a, const auto& b, unsigned bits) {
    for (std::size_t i = 0; bits > 0; ++i) {
      auto here = std::min(bits, 8U);
      if (((a[i] ^ b[i]) >> (8 - here)) != 0) {
        return false;
      }
      bits -= here;
    }
    return true;
  };
  auto who = plain(x);
  return std::ranges::any_of(networks_, [&](const network& y) {
    if (who.is_v4() != y.first.is_v4()) {
      return false;
    }
    return who.is_v4() ? begins_alike(who.to_v4().to_bytes(), y.first.to_v4().to_bytes(), y.bits)
                       : begins_alike(who.to_v6().to_bytes(), y.first.to_v6().to_bytes(), y.bits);
  });
}

std::string trusted_proxies::problem_of(std::string_view entry) {
  return entry == of_path || parse(entry)
             ? std::string{}
             : fmt::format("{} is neither an address nor a network as 10.0.0.0/8", entry);
}

// -------------------------------------------------------------------------------------------------

std::optional<client_side> client_side_of(const request_head& head,
                                          const std::optional<address>& peer,
                                          const trusted_proxies& trusted, std::string_view scheme) {
  client_side result;
  result.scheme = scheme;
  result.address = peer ? plain(*peer).to_string() : of_path;
  auto host = head[beast::http::field::host];
  result.host.assign(host.data(), host.size());
  if (!trusted.contains(peer)) {
    return result;
  }
  auto common = read_common(head);
  auto standard = read_standard(head);
  apply(result, common.empty() ? standard : common, trusted);
  if (common.empty() || standard.empty()) {
    return result;
  }
  auto other = result;
  apply(other, standard, trusted);
  return agree(result, other) ? std::optional{result} : std::nullopt;
}

} // namespace dcrf::internal
