#include "dcrf/actors/net/internal/http_head.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/url/pct_string_view.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <regex>
#include <utility>

namespace dcrf::internal {

namespace {

bool is_of_transport(std::string_view name) {
  constexpr std::array names{"content-length", "date", "server", "connection", "transfer-encoding"};
  return std::any_of(names.begin(), names.end(),
                     [name](const char* own) { return boost::beast::iequals(name, own); });
}

// Values may come from clients, as in a redirect; a line end in one would start another header.
bool is_safe(std::string_view name, std::string_view value) {
  auto is_token = [](char c) {
    return c > ' ' && c < 0x7f
           && std::string_view{"()<>@,;:\\\"/[]?={}"}.find(c) == std::string_view::npos;
  };
  auto is_control = [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token)
         && std::none_of(value.begin(), value.end(), is_control);
}

// RFC 9110, section 5.6.7. Formatted once a second on each thread.
std::string_view current_date() {
  static thread_local std::time_t formatted = -1;
  static thread_local std::array<char, 32> text{};
  static thread_local std::size_t size = 0;
  auto now = std::time(nullptr);
  if (now != formatted) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    gmtime_r(&now, &utc);
    auto end = fmt::format_to_n(text.begin(), text.size(), "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                                days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                                utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    size = end.size;
    formatted = now;
  }
  return {text.data(), size};
}

std::optional<std::string> percent_decoded(std::string_view text) {
  auto encoded = boost::urls::make_pct_string_view(text);
  if (!encoded) {
    return std::nullopt;
  }
  auto result = encoded->decode();
  return result.find('\0') == std::string::npos ? std::optional{std::move(result)} : std::nullopt;
}

} // namespace

std::string response_head(const http_response& response, response_options options) {
  std::string head;
  auto out = std::back_inserter(head);
  auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nServer: dcrf\r\nDate: {}\r\n", response.status,
                 std::string_view{reason.data(), reason.size()}, current_date());
  for (const auto& [name, value] : response.headers) {
    if (!is_of_transport(name) && is_safe(name, value)) {
      fmt::format_to(out, "{}: {}\r\n", name, value);
    }
  }
  if (!options.transport_security.empty()) {
    fmt::format_to(out, "Strict-Transport-Security: {}\r\n", options.transport_security);
  }
  if (status_has_body(response.status)) {
    fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
  }
  fmt::format_to(out, "Connection: {}\r\n\r\n", options.keep_alive ? "keep-alive" : "close");
  return head;
}

bool is_transport_security(std::string_view text) {
  static const std::regex form{R"(max-age=\d{1,10}(\s*;\s*(includeSubDomains|preload))*)",
                               std::regex::ECMAScript | std::regex::icase | std::regex::optimize};
  return text.empty() || std::regex_match(text.begin(), text.end(), form);
}

bool status_has_body(unsigned status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

std::optional<request_target> parse_target(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (boost::beast::iequals(target.substr(0, scheme.size()), scheme)) {
      auto path = target.find('/', scheme.size());
      target = path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
      break;
    }
  }
  if (target.empty() || target.front() != '/') {
    return std::nullopt;
  }
  auto mark = target.find('?');
  auto path = percent_decoded(target.substr(0, mark));
  if (!path) {
    return std::nullopt;
  }
  auto query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  return request_target{*std::move(path), std::string{query}};
}

} // namespace dcrf::internal
