#pragma once

#include <stdexcept>

namespace client {

/// What the user asked for can't be understood.
struct usage_error : std::runtime_error {
  using runtime_error::runtime_error;
};

/// There is no connection, it was lost, or an answer did not come in time.
struct connection_error : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The server does not want this client: to try again makes no sense.
struct refused_error : connection_error {
  using connection_error::connection_error;
};

} // namespace client
