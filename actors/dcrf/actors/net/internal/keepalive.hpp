#pragma once

#include "dcrf/actors/net/internal/coalescing_stream.hpp"

#include <cstdint>

namespace dcrf::internal {

/// Finds out, from one ping to the next, whether the peer of a connection is still there.
class keepalive {
public:
  /// Something has come from the peer; or nothing can be said, since nothing was read.
  void heard() noexcept { awaits_pong_ = false; }

  /// A ping is sent.
  void pinged() noexcept { awaits_pong_ = true; }

  /// Whether the peer has gone, as far as can be seen since the last ping.
  /// @param is_read whether what it sends is read at all
  [[nodiscard]] bool is_dead(coalescing_socket& socket, bool is_read) {
    return socket.failure() || (awaits_pong_ && is_read) || takes_nothing(socket);
  }

private:
  // What leaves for the kernel says little: it may hold megabytes for a slow link, and take no more
  // for minutes.
  bool takes_nothing(coalescing_socket& socket) {
    if (socket.queued() == 0) {
      return false;
    }
    auto now = socket.acknowledged();
    return now == std::exchange(acknowledged_, now);
  }

  std::int64_t acknowledged_ = 0; // at the last ping at which something waited
  bool awaits_pong_ = false;
};

} // namespace dcrf::internal
