#pragma once

#include "dcrf/protocol/scope.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace dcrf {

/// One HTTP request: the connection's scope, the method and the whole body.
struct http_request {
  dcrf::scope scope;
  /// In upper case, as it came: "GET", "POST".
  std::string method;
  std::string body;
};

/// The answer to one HTTP request. `Content-Length`, `Date`, `Server` and `Connection` are added by
/// the transport.
struct http_response {
  unsigned status = 200;
  scope::pairs headers;
  std::string body;

  /// A body of a given media type.
  static http_response with(unsigned status, std::string_view content_type, std::string body);
  /// `{"detail": text}`, the form of an error in DRF.
  static http_response detail(unsigned status, std::string_view text);
  /// 303 See Other.
  static http_response redirect(std::string_view location);
};

} // namespace dcrf
