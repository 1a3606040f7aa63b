#include "dcrf/actors/net/internal/head_check.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace dcrf::internal {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr unsigned http_1_1 = 11;

std::string_view value_of(const request_head& head, http::field name) {
  auto value = head[name];
  return {value.data(), value.size()};
}

// Whatever decides where a request ends, whom it is for, who sent it and how it is read.
constexpr std::array singular{
    http::field::host,
    http::field::content_length,
    http::field::transfer_encoding,
    http::field::content_type,
    http::field::authorization,
    http::field::origin,
    http::field::sec_websocket_key,
    http::field::sec_websocket_version,
};

std::optional<http::field> repeated(const request_head& head) {
  auto found = std::ranges::find_if(singular, [&head](http::field name) {
    auto [first, last] = head.equal_range(name);
    return first != last && std::next(first) != last;
  });
  return found == singular.end() ? std::nullopt : std::optional{*found};
}

// RFC 9112, section 3.2. Without a name it is allowed, for what has no authority.
bool has_valid_host(const request_head& head) {
  if (head.find(http::field::host) == head.end()) {
    return head.version() < http_1_1;
  }
  auto authority = boost::urls::parse_authority(value_of(head, http::field::host));
  return authority && !authority->has_userinfo();
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 9112, section 6.1. Both headers together are refused while they are read.
bool has_clear_length(const request_head& head) {
  if (head.find(http::field::transfer_encoding) != head.end()) {
    return head.version() >= http_1_1
           && beast::iequals(head[http::field::transfer_encoding], "chunked");
  }
  return head.find(http::field::content_length) == head.end()
         || is_number(value_of(head, http::field::content_length));
}

bool has_body(const request_head& head) {
  return head.find(http::field::transfer_encoding) != head.end()
         || value_of(head, http::field::content_length).find_first_not_of('0')
                != std::string_view::npos;
}

// 16 bytes in base64.
bool is_handshake_key(std::string_view key) {
  auto is_base64 = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'
           || c == '/';
  };
  return key.size() == 24 && key.ends_with("==")
         && std::all_of(key.begin(), key.end() - 2, is_base64);
}

} // namespace

std::optional<http_response> head_refusal(const request_head& head) {
  if (auto name = repeated(head)) {
    auto text = http::to_string(*name);
    return http_response::detail(400, "The header " + std::string{text.data(), text.size()}
                                          + " stands there twice.");
  }
  if (!has_valid_host(head)) {
    return http_response::detail(400, "The header Host is missing or malformed.");
  }
  if (!has_clear_length(head)) {
    return http_response::detail(400, "The length of the request's body is not clear.");
  }
  return std::nullopt;
}

std::optional<http_response> handshake_refusal(const request_head& head) {
  if (value_of(head, http::field::sec_websocket_version) != "13") {
    auto response = http_response::detail(426, "Only version 13 of the WebSocket protocol.");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return response;
  }
  if (!is_handshake_key(value_of(head, http::field::sec_websocket_key))
      || value_of(head, http::field::host).empty() || has_body(head)) {
    return http_response::detail(400, "The WebSocket handshake is malformed.");
  }
  return std::nullopt;
}

} // namespace dcrf::internal
