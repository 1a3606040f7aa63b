#include "dcrf/protocol/origin.hpp"

#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/scheme.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace dcrf {

namespace urls = boost::urls;

namespace {

constexpr std::string_view below = "*.";

// A port that is not written is that of the scheme; 0 if it has none.
std::uint16_t port_of(const urls::authority_view& x, urls::scheme scheme) {
  return x.has_port() && x.port_number() != 0 ? x.port_number() : urls::default_port(scheme);
}

// Browsers write an origin without a path; a list may have the slash.
std::optional<urls::url_view> parsed_origin(std::string_view text) {
  auto x = urls::parse_uri(text);
  bool is_origin = x && x->has_authority() && !x->has_userinfo() && !x->has_query()
                   && !x->has_fragment() && (x->path().empty() || x->path() == "/");
  return is_origin ? std::optional{*x} : std::nullopt;
}

bool is_below(std::string_view host, std::string_view pattern) {
  auto suffix = pattern.substr(below.size() - 1);
  return host.size() > suffix.size()
         && urls::grammar::ci_is_equal(host.substr(host.size() - suffix.size()), suffix);
}

bool matches(const urls::url_view& origin, std::string_view entry) {
  auto allowed = parsed_origin(entry);
  if (!allowed || !urls::grammar::ci_is_equal(origin.scheme(), allowed->scheme())
      || port_of(origin.authority(), origin.scheme_id())
             != port_of(allowed->authority(), allowed->scheme_id())) {
    return false;
  }
  auto host = origin.host();
  auto pattern = allowed->host();
  return pattern.starts_with(below) ? is_below(host, pattern)
                                    : urls::grammar::ci_is_equal(host, pattern);
}

// Without TLS of its own or a proxy that is trusted, nobody knows the scheme of the request.
bool is_own(const urls::url_view& origin, const scope& request) {
  if (request.scheme == "https" && origin.scheme_id() != urls::scheme::https) {
    return false;
  }
  auto own = urls::parse_authority(request.host);
  return own && !own->host().empty() && urls::grammar::ci_is_equal(origin.host(), own->host())
         && port_of(origin.authority(), origin.scheme_id()) == port_of(*own, origin.scheme_id());
}

} // namespace

bool is_origin_allowed(std::string_view origin, const scope& request,
                       std::span<const std::string> allowed) {
  auto is_literally = [origin](const std::string& entry) {
    return entry == "*" || entry == origin;
  };
  if (std::ranges::any_of(allowed, is_literally)) {
    return true;
  }
  auto page = parsed_origin(origin);
  if (!page) {
    return false;
  }
  return is_own(*page, request) || std::ranges::any_of(allowed, [&](const std::string& entry) {
           return matches(*page, entry);
         });
}

origin_grant grant_of_origin(std::string_view origin, std::span<const std::string> allowed) {
  auto page = parsed_origin(origin);
  auto names_it = [&](const std::string& entry) { return page && matches(*page, entry); };
  auto is_anybody = [origin](const std::string& entry) {
    return entry == "*" || (entry == "null" && origin == "null");
  };
  if (std::ranges::any_of(allowed, names_it)) {
    return origin_grant::credentials;
  }
  return std::ranges::any_of(allowed, is_anybody) ? origin_grant::anonymous : origin_grant::nothing;
}

std::string problem_of_origin(std::string_view entry) {
  if (entry == "*" || entry == "null") {
    return {};
  }
  auto x = parsed_origin(entry);
  if (!x) {
    return fmt::format("{} is no origin: write SCHEME://HOST or SCHEME://HOST:PORT", entry);
  }
  auto host = x->host();
  bool is_web = x->scheme_id() == urls::scheme::http || x->scheme_id() == urls::scheme::https;
  if (is_web && host.empty()) {
    return fmt::format("{} names no host", entry);
  }
  auto star = host.rfind('*');
  if (star != std::string::npos && (star != 0 || !host.starts_with(below))) {
    return fmt::format("{}: a star stands for all below a host, as in https://*.example.org",
                       entry);
  }
  return {};
}

} // namespace dcrf
