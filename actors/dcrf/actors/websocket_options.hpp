#pragma once

#include "dcrf/runtime/authenticator.hpp"

#include <cstddef>
#include <optional>

namespace dcrf {

/// permessage-deflate (RFC 7692), for a path whose clients ask for it. Off by default: small JSON
/// shrinks little, and docs/operations.md says what a connection costs with it.
struct compression {
  bool is_offered = false;
  /// The logarithm of the windows of both sides, from 9 to 15. Smaller ones take less memory and
  /// compress less.
  int server_window_bits = 15;
  int client_window_bits = 15;
  /// Whether each message is compressed by itself: no window is kept between two.
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  /// 1 is fast, 9 is small.
  int level = 6;
  /// From 1 to 9: memory for compressing.
  int memory_level = 4;
  /// Shorter messages are sent as they are, in bytes.
  std::size_t smallest_message = 256;
};

/// How the WebSockets of one path differ from those of others.
struct websocket_options {
  /// The largest message in bytes, after inflating; 0 for what `--message-size` says.
  std::size_t message_size = 0;
  dcrf::compression compression{};
  /// How it is found out who connects there, if not as `server::authenticate` says.
  std::optional<dcrf::authentication> authentication{};
};

} // namespace dcrf
