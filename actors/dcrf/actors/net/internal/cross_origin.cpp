#include "dcrf/actors/net/internal/cross_origin.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <string>

namespace dcrf::internal {

namespace http = boost::beast::http;

namespace {

// For a rule that has changed to be seen soon; browsers ask before each request otherwise.
constexpr auto remembered_seconds = "600";

std::string_view text_of(const request_head& head, http::field name) {
  auto value = head[name];
  return {value.data(), value.size()};
}

} // namespace

bool is_preflight(const request_head& head) {
  return head.method() == http::verb::options && head.find(http::field::origin) != head.end()
         && head.find(http::field::access_control_request_method) != head.end();
}

http_response preflight_answer(const request_head& head, origin_grant grant) {
  http_response result{.status = 204};
  show_to_page(result, text_of(head, http::field::origin), grant);
  auto& headers = result.headers;
  headers.emplace_back("Access-Control-Allow-Methods",
                       "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  if (auto wanted = text_of(head, http::field::access_control_request_headers); !wanted.empty()) {
    headers.emplace_back("Access-Control-Allow-Headers", wanted);
  }
  headers.emplace_back("Access-Control-Max-Age", remembered_seconds);
  return result;
}

void show_to_page(http_response& answer, std::string_view origin, origin_grant grant) {
  auto& headers = answer.headers;
  auto says_so = [](const auto& x) {
    return boost::beast::iequals(x.first, "Access-Control-Allow-Origin");
  };
  if (grant == origin_grant::nothing || std::ranges::any_of(headers, says_so)) {
    return;
  }
  if (grant == origin_grant::anonymous) {
    headers.emplace_back("Access-Control-Allow-Origin", "*");
    return;
  }
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  headers.emplace_back("Access-Control-Allow-Credentials", "true");
}

} // namespace dcrf::internal
