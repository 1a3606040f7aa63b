#pragma once

#include "dcrf/actors/limits.hpp"
#include "dcrf/actors/internal/log_limit.hpp"
#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/net/internal/deadline.hpp"
#include "dcrf/actors/net/internal/forwarding.hpp"

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
#include <utility>
#include <vector>

namespace dcrf::internal {

/// What all connections of a listener have in common, whichever thread they are on.
class listener_state {
public:
  listener_state(std::shared_ptr<connection_acceptor> acceptor, connection_limits limits)
      : acceptor_(std::move(acceptor)),
        limits_(std::move(limits)),
        proxies_(limits_.trusted_proxies) {}

  [[nodiscard]] connection_acceptor& acceptor() const noexcept { return *acceptor_; }
  [[nodiscard]] const connection_limits& limits() const noexcept { return limits_; }

  [[nodiscard]] const trusted_proxies& proxies() const noexcept { return proxies_; }

  /// For the lines about origins that are refused.
  [[nodiscard]] log_limit& refusals() noexcept { return refusals_; }

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
  log_limit refusals_{100, std::chrono::minutes{1}};
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

  [[nodiscard]] const std::shared_ptr<connection_registry>& registry() const { return registry_; }
  [[nodiscard]] io_thread& thread() const noexcept;
  [[nodiscard]] const connection_limits& limits() const noexcept;
  [[nodiscard]] connection_acceptor& acceptor() const noexcept;

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
  connection_list connections_;
  // Those that were told to go.
  connection_list leaving_;
  std::optional<going_away> closing_;
  timer_handle next_;
};

} // namespace dcrf::internal
