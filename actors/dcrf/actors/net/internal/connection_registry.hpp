#pragma once

#include "dcrf/actors/internal/log_limit.hpp"
#include "dcrf/actors/limits.hpp"
#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/net/internal/deadline.hpp"
#include "dcrf/actors/net/internal/forwarding.hpp"
#include "dcrf/actors/net/internal/tls_certificates.hpp"

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf::internal {

/// What all connections of a listener have in common, whichever thread they are on.
class listener_state {
public:
  /// @param credentials null without TLS
  listener_state(std::shared_ptr<connection_acceptor> acceptor, connection_limits limits,
                 std::shared_ptr<const tls_credentials> credentials = nullptr)
      : acceptor_(std::move(acceptor)),
        limits_(std::move(limits)),
        proxies_(limits_.trusted_proxies),
        credentials_(std::move(credentials)) {}

  [[nodiscard]] connection_acceptor& acceptor() const noexcept { return *acceptor_; }
  [[nodiscard]] const connection_limits& limits() const noexcept { return limits_; }

  [[nodiscard]] const trusted_proxies& proxies() const noexcept { return proxies_; }

  /// For the lines about origins that are refused.
  [[nodiscard]] log_limit& refusals() noexcept { return refusals_; }

  /// What a new connection over TLS shows; null without TLS.
  [[nodiscard]] std::shared_ptr<const tls_certificates> certificates() const {
    return credentials_ ? credentials_->current() : nullptr;
  }
  /// Where HTTPS is spoken; 0 if nowhere. Set before anybody is let in.
  std::uint16_t secure_port = 0;
  /// For the lines about handshakes of TLS that fail.
  [[nodiscard]] log_limit& handshakes() noexcept { return handshakes_; }

  /// Open connections; from any thread.
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

  struct leaver {
    void operator()(listener_state* state) const { state->left(); }
  };
  using ticket = std::unique_ptr<listener_state, leaver>;
  /// Counts a connection as long as the ticket lives. @pre The state lives longer.
  [[nodiscard]] ticket join() noexcept {
    ++connections_;
    return ticket{this};
  }

  /// Calls `done` once no connection is open: now, or on the thread of the last one.
  void when_empty(std::function<void()> done);

private:
  void left();

  std::shared_ptr<connection_acceptor> acceptor_;
  connection_limits limits_;
  trusted_proxies proxies_;
  std::shared_ptr<const tls_credentials> credentials_;
  log_limit refusals_{100, std::chrono::minutes{1}};
  log_limit handshakes_{20, std::chrono::minutes{1}};
  std::atomic<std::size_t> connections_{0};
  std::mutex mutex_; // guards `waiting_`
  std::vector<std::function<void()>> waiting_;
};

class connection_registry;

/// What a WebSocket is told when the server stops.
struct going_away {
  std::uint16_t code = 1001;
  /// When it may come back, at a moment of its own within this time: see listener::farewell.
  std::chrono::milliseconds return_within{0};

  /// The reason of the close; empty if nothing is to be said.
  [[nodiscard]] std::string reason() const;
};

/// An open connection, HTTP or WebSocket, as its listener sees it.
class registered : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  registered(const registered&) = delete;
  registered& operator=(const registered&) = delete;

  /// The server stops: end what you are doing and close.
  virtual void go_away(const going_away& how) = 0;

  /// There is no room for others: one that has asked for nothing yet closes, if it came before that
  /// time. @returns whether it did
  virtual bool make_room(std::chrono::steady_clock::time_point) { return false; }

  [[nodiscard]] const std::shared_ptr<connection_registry>& registry() const { return registry_; }
  [[nodiscard]] io_thread& thread() const noexcept;
  [[nodiscard]] const connection_limits& limits() const noexcept;
  [[nodiscard]] connection_acceptor& acceptor() const noexcept;
  /// What a client is told in `Strict-Transport-Security`; empty if nothing is.
  [[nodiscard]] std::string_view transport_security(bool is_secure) const noexcept {
    return is_secure ? std::string_view{limits().transport_security} : std::string_view{};
  }

protected:
  /// @param ticket Made by `join`; an upgraded connection takes over that of its handshake.
  registered(std::shared_ptr<connection_registry> registry, listener_state::ticket ticket);
  virtual ~registered() = default;

  /// The connection is closed, and does not count any more. A second call does nothing.
  void leave();

  /// Leaves without being uncounted.
  [[nodiscard]] listener_state::ticket hand_over();

private:
  std::shared_ptr<connection_registry> registry_; // outlives the ticket
  listener_state::ticket ticket_;
};

/// The open connections of a listener on one I/O thread; used there only.
class connection_registry {
public:
  connection_registry(io_thread& thread, std::shared_ptr<listener_state> state)
      : thread_(thread), state_(std::move(state)), timeouts_(thread) {}

  [[nodiscard]] io_thread& thread() const noexcept { return thread_; }
  [[nodiscard]] listener_state& state() const noexcept { return *state_; }
  [[nodiscard]] deadlines& timeouts() noexcept { return timeouts_; }

  void add(registered& connection) { connections_.push_back(connection); }

  /// Whether a connection has asked for something yet. The oldest one of those that have not comes
  /// first.
  void note_stranger(registered& connection) { move_to(strangers_, connection); }
  void note_known(registered& connection) { move_to(connections_, connection); }

  /// Closes those that came longer ago and have asked for nothing yet.
  void drop_strangers(std::chrono::steady_clock::duration patience);

  /// Tells all connections to go, in the order in which they came, some at a time.
  /// @param spread from the first to the last
  void close_all(const going_away& how, std::chrono::milliseconds spread = {});

  /// Set once `close_all` was called: what is accepted afterwards must go at once.
  [[nodiscard]] const std::optional<going_away>& closing() const noexcept { return closing_; }

private:
  void close_some(std::size_t count);

  io_thread& thread_;
  std::shared_ptr<listener_state> state_;
  deadlines timeouts_;
  using connection_list =
      boost::intrusive::list<registered, boost::intrusive::constant_time_size<false>>;

  static void move_to(connection_list& list, registered& connection) {
    connection.unlink();
    list.push_back(connection);
  }

  connection_list connections_;
  connection_list strangers_;
  // Those that were told to go.
  connection_list leaving_;
  std::optional<going_away> closing_;
  timer_handle next_;
};

} // namespace dcrf::internal
