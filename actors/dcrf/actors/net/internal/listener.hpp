#pragma once

#include "dcrf/actors/limits.hpp"
#include "dcrf/actors/net/internal/connection.hpp"

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

/// An address that is taken, though nobody is let in yet: so a server finds out that it can't have
/// it before it does anything else.
class bound_address {
public:
  bound_address();
  bound_address(bound_address&&) noexcept;
  bound_address& operator=(bound_address&&) noexcept;
  ~bound_address();

  /// Takes an address. Once.
  /// @param address An IPv4 or IPv6 address in numbers, or the name of a host: of several addresses
  ///                that it has, one of IPv4 is taken if there is any.
  /// @param port 0 takes any that is free.
  /// @returns What the system said: `address_in_use`, `permission_denied`, `invalid_argument` for a
  ///          text that is no address and no name, or that there is no such host.
  [[nodiscard]] std::error_code bind(const std::string& address, std::uint16_t port);

private:
  friend class listener;
  struct state;
  std::unique_ptr<state> state_;
};

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
  [[nodiscard]] std::error_code listen(bound_address at);

  /// Takes an address and starts to accept. Once. See bound_address::bind.
  [[nodiscard]] std::error_code listen(const std::string& address, std::uint16_t port);

  /// The port that is listened on; 0 before `listen`.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Accepts no more connections, and frees the port. Waits for the first I/O thread, which must
  /// still be running. A second call does nothing.
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
};

} // namespace dcrf
