#pragma once

#include <string>
#include <string_view>

namespace client {

/// Where a WebSocket URL leads.
struct endpoint {
  bool is_secure = false;
  /// An IPv6 address has no brackets here.
  std::string host;
  std::string port;
  /// Path and query, as the server gets them.
  std::string target;

  /// The value of the header Host.
  [[nodiscard]] std::string authority() const;
};

/// Throws `usage_error` if it is no URL of a WebSocket.
endpoint parse_url(std::string_view url);

} // namespace client
