#pragma once

#include "dcrf/runtime/session_budget.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace dcrf {

/// What a client may make the server hold, and for how long. Each default says why it is what it
/// is; sizes are in bytes.
struct connection_limits {
  /// The largest WebSocket message, after its fragments are put together; a larger one closes with
  /// 1009. Two hundred times what an action with a form in it needs.
  std::size_t message_size = 1024 * 1024;

  /// From the connect to the last byte of the request's head, and again from there to the session's
  /// answer to a handshake. Long enough for a bad mobile link, short enough that idle sockets do
  /// not pile up.
  std::chrono::nanoseconds handshake_timeout = std::chrono::seconds{10};

  /// The request line and all headers; more is answered with 431. What Apache and nginx grant. As
  /// much, again, of what is neither head nor body: the extensions of chunks.
  std::size_t header_size = 8 * 1024;

  /// The body of an HTTP request; more is answered with 413. As a message: a view has nothing to
  /// take that an action has not.
  std::size_t body_size = 1024 * 1024;

  /// For the body of an HTTP request, and the longest time in which nothing of an answer arrives at
  /// the client. Lets `body_size` pass at 35 kB/s.
  std::chrono::nanoseconds body_timeout = std::chrono::seconds{30};

  /// Between pings. A connection on which nothing is heard from one ping to the next is closed, so
  /// a dead peer is noticed within two intervals; so is one that takes nothing of what waits for
  /// it. Proxies give up on silent connections after 30 to 60 s.
  std::chrono::nanoseconds ping_interval = std::chrono::seconds{25};

  /// What may wait for a client that reads slowly; a frame beyond it closes with 1013. No request
  /// begins while half of it waits, so only events come that far, and actions that send much.
  /// Bounds the memory of 1,000 stuck clients to 1 GiB.
  std::size_t outbox_size = 1024 * 1024;

  /// What one session may make the server hold besides what waits to be sent: its defaults say why.
  session_bounds session;

  /// For the peer to answer a close frame, and to take what was sent before it. A round trip on a
  /// bad link; what has not left by then is lost. Also how long the socket waits for its session to
  /// end.
  std::chrono::nanoseconds close_timeout = std::chrono::seconds{5};

  /// Between two HTTP requests on one connection. Covers the requests of one page.
  std::chrono::nanoseconds keep_alive_timeout = std::chrono::seconds{15};

  /// Open connections of all I/O threads together; more wait in the kernel's queue. Each takes a
  /// file descriptor (`ulimit -n`) and, when idle, about 5 kB.
  std::size_t max_connections = 10'000;

  /// Origins whose pages may open a WebSocket, as `https://example.org`, `https://*.example.org`
  /// for all hosts below one, or `*` for any. The page's own host is always allowed, and so is a
  /// client that sends no Origin: only browsers do. Any other is answered with 403 (RFC 6455,
  /// section 10.2).
  std::vector<std::string> allowed_origins;

  /// Addresses and networks, as `10.0.0.0/8`, of proxies whose `X-Forwarded-…` or `Forwarded` says
  /// who the client is and how it reaches the server. Of anybody else they count for nothing.
  std::vector<std::string> trusted_proxies;

  /// What browsers are told in `Strict-Transport-Security` over the server's own TLS (RFC 6797), as
  /// `max-age=31536000`; empty if nothing is.
  std::string transport_security;
};

} // namespace dcrf
