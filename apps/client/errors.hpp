#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace client {

/// What the user asked for can't be understood.
struct usage_error : std::runtime_error {
  using runtime_error::runtime_error;
};

/// There is no connection, it was lost, or an answer did not come in time.
struct connection_error : std::runtime_error {
  using runtime_error::runtime_error;
  connection_error(const std::string& what, std::optional<std::chrono::milliseconds> delay)
      : runtime_error{what}, retry_after{delay} {}

  /// When the server asks to come back.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// The server does not want this client: to try again makes no sense.
struct refused_error : connection_error {
  using connection_error::connection_error;
};

} // namespace client
