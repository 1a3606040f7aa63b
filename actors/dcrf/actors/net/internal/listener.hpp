#pragma once

#include "dcrf/actors/limits.hpp"
#include "dcrf/actors/net/internal/bound_address.hpp"
#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/net/internal/tls_certificates.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace dcrf {

/// Accepts connections on one address or several, and hands them to the I/O threads in turn. All of
/// it may be called from any thread, but not from two at once.
///
/// To end: `stop`, `close_all` and wait for its callback, then stop the I/O threads.
class listener {
public:
  /// @param threads Where connections live; at least one, all of them started, and alive until the
  ///                last connection is closed.
  /// @param credentials Read already; null without TLS.
  listener(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> acceptor,
           connection_limits limits = {},
           std::shared_ptr<const internal::tls_credentials> credentials = nullptr);
  ~listener();

  /// Starts to accept. Once.
  [[nodiscard]] std::error_code listen(std::vector<bound_address> at);
  [[nodiscard]] std::error_code listen(bound_address at);

  /// Takes an address and starts to accept. Once. See bound_address::bind.
  [[nodiscard]] std::error_code listen(const std::string& address, std::uint16_t port);

  /// The port that is listened on, the first one of several; 0 before `listen`.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Accepts no more connections, and frees the addresses. Waits for the first I/O thread, which
  /// must still be running. A second call does nothing.
  void stop();

  /// The open connections, HTTP and WebSocket.
  [[nodiscard]] std::size_t connections() const noexcept;

  /// How connections are closed that don't go by themselves.
  struct farewell {
    /// The code that WebSockets are closed with.
    std::uint16_t code = 1001;
    /// From the first to the last of them: all at once they would come back so, too.
    std::chrono::milliseconds spread{0};
    /// Within which they are asked to come back, each at a moment of its own: the reason of the
    /// close says `retry after 2.5 s`. Below a second nothing is said.
    std::chrono::milliseconds return_within{0};
  };

  /// Closes all connections, and those that are accepted from now on. A request that is being
  /// answered is answered first; those that are not closed yet are served as ever.
  /// @param done Called on some I/O thread once no connection is left.
  void close_all(farewell how, std::function<void()> done);
  void close_all(std::uint16_t code, std::function<void()> done) {
    close_all(farewell{.code = code}, std::move(done));
  }

  /// Calls `done` once no connection is open: now, or on some I/O thread.
  void when_empty(std::function<void()> done);

private:
  struct state;
  std::shared_ptr<state> state_;
  std::uint16_t port_ = 0;
  bool is_listening_ = false;
};

} // namespace dcrf
