// The heads of HTTP requests and handshakes, what proxies write into them, and cookies, queries and
// subprotocols.
#include "input.hpp"

#include "dcrf/actors/net/internal/forwarding.hpp"
#include "dcrf/actors/net/internal/head_check.hpp"
#include "dcrf/actors/net/internal/http_head.hpp"
#include "dcrf/protocol/origin.hpp"
#include "dcrf/protocol/scope.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace http = boost::beast::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const dcrf::internal::trusted_proxies proxies{{"10.0.0.0/8", "::1"}};
  static const auto peer = boost::asio::ip::make_address("10.1.2.3");
  http::request_parser<http::empty_body> parser;
  boost::beast::error_code ec;
  parser.put(boost::asio::buffer(bytes, size), ec);
  if (!parser.is_header_done()) {
    return 0;
  }
  const auto& head = parser.get().base();
  (void)dcrf::internal::head_refusal(head);
  (void)dcrf::internal::handshake_refusal(head);
  (void)dcrf::internal::client_side_of(head, peer, proxies);
  dcrf::scope scope;
  if (auto target = dcrf::internal::parse_target({head.target().data(), head.target().size()})) {
    fuzz::require(target->path.find('\0') == std::string::npos);
    scope.query_string = target->query;
    (void)scope.query_pairs();
    (void)scope.query("a");
  }
  for (const auto& field : head) {
    auto name = field.name_string();
    auto value = field.value();
    scope.headers.emplace_back(std::string{name.data(), name.size()},
                               std::string{value.data(), value.size()});
  }
  (void)scope.cookie("sessionid");
  (void)scope.subprotocols();
  return 0;
}
