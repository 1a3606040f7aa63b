#pragma once

#include "dcrf/actors/limits.hpp"
#include "dcrf/actors/net/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace dcrf {

/// Accepts connections on one address and hands them to the I/O threads in turn. All of it may be
/// called from any thread, but not from two at once.
///
/// To end: `stop`, `close_all` and wait for its callback, then stop the I/O threads.
class listener {
public:
  /// @param threads Where connections live; at least one, all of them started, and alive until the
  ///                last connection is closed.
  listener(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> acceptor,
           connection_limits limits = {});
  ~listener();

  /// Starts to accept. Once.
  /// @param address An IPv4 or IPv6 address in numbers.
  /// @param port 0 takes any that is free.
  /// @returns What the system said: `address_in_use`, `permission_denied`, or `invalid_argument`
  /// for
  ///          an address that is none.
  [[nodiscard]] std::error_code listen(const std::string& address, std::uint16_t port);

  /// The port that is listened on; 0 before `listen`.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Accepts no more connections, and frees the port. Waits for the first I/O thread, which must
  /// still be running. A second call does nothing.
  void stop();

  /// The open connections, HTTP and WebSocket.
  [[nodiscard]] std::size_t connections() const noexcept;

  /// Closes all connections, WebSockets with `code`, and those that are accepted from now on. A
  /// request that is being answered is answered first.
  /// @param done Called on some I/O thread once no connection is left.
  void close_all(std::uint16_t code, std::function<void()> done);

private:
  struct state;
  std::shared_ptr<state> state_;
  std::uint16_t port_ = 0;
};

} // namespace dcrf
