#pragma once

#include "dcrf/view/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dcrf::internal {

struct response_options {
  bool keep_alive = true;
  /// `Strict-Transport-Security`; empty without.
  std::string_view transport_security{};
};

/// The status line and the headers of a response, with the empty line behind them (RFC 9112). The
/// headers that are the transport's are not taken from the response, and neither is one that would
/// break the head.
std::string response_head(const http_response& response, response_options options);

/// Whether a text may stand in `Strict-Transport-Security` (RFC 6797, section 6.1): nothing at all,
/// or `max-age` and what is known besides.
bool is_transport_security(std::string_view text);

/// Whether a response of this status has a body (RFC 9110, section 6.4.1).
bool status_has_body(unsigned status) noexcept;

/// The path and the query of a request target; none if it is not one of RFC 9112, section 3.2.1 or
/// 3.2.2, or has a percent sign without two hexadecimal digits, or an encoded NUL.
struct request_target {
  std::string path; // percent-decoded
  std::string query;
};
std::optional<request_target> parse_target(std::string_view target);

} // namespace dcrf::internal
