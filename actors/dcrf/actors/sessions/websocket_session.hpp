#pragma once

#include "dcrf/actors/net/connection.hpp"
#include "dcrf/actors/sessions/actor_context.hpp"
#include "dcrf/session/session_handler.hpp"

#include <boost/container/flat_map.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf {

/// What a session may hold and how long its end may take.
struct session_limits {
  /// Bytes of requests and events that wait for their turn: reading pauses above the first, and a
  /// client whose events pile up beyond the second is closed with 1013.
  std::size_t pause_reading = 256 * 1024;
  std::size_t queue_size = 1024 * 1024;
  /// For the requests that came before and the consumer's `disconnected`, after the connection is
  /// over.
  std::chrono::milliseconds end_timeout{5000};
};

/// The actor of one WebSocket connection. It is pinned to the connection's I/O thread: frames come
/// by a call, replies leave by a call, and only what comes from other threads comes as a message.
/// Others see it as a session_actor.
class websocket_session final : public actor_context<session_context> {
public:
  websocket_session(caf::actor_config& config, pinning_unit& unit, io_services& services,
                    std::shared_ptr<connection> connection, session_limits limits);

  // -- what the connection tells, on the I/O thread -----------------------------------------------

  /// Starts the handshake.
  void open(const endpoint& make, scope handshake, const authenticator& authenticate);
  void receive(std::string_view payload, bool is_text);
  void drained();
  void stop();
  void closed();

  // -- implementation of session_context ----------------------------------------------------------

  void accept() override;
  void refuse(unsigned status) override;
  void send(std::string frame) override;
  void send(std::shared_ptr<const std::string> head, std::string_view tail) override;
  void close(std::uint16_t code) override;
  void join(const group_name& x, group_member& member, ticket answer) override;
  void leave(const group_name& x, group_member& member) override;
  [[nodiscard]] bool is_congested() override { return connection_->is_congested(); }
  void drain(ticket answer) override { draining_.push_back(answer); }
  void queued(std::size_t bytes) override;
  [[nodiscard]] bool is_pipelining() const override { return services().is_pipelining; }
  throttle_history& throttling() override { return services().throttling; }
  throttle_history::clock::time_point now() const override {
    return throttle_history::clock::now();
  }
  void finished() override;

  // -- implementation of caf::event_based_actor ---------------------------------------------------

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "dcrf.websocket_session"; }

private:
  // A consumer that waits until other nodes know that it joins a group.
  struct joining {
    group_name target;
    // Null if it has left again.
    group_member* member;
  };

  void enter(const group_name& x, group_member& member);
  void joined(ticket answer);

  std::shared_ptr<connection> connection_;
  session_limits limits_;
  std::unique_ptr<session_handler> handler_;
  // The memberships of each of its consumers.
  using membership = std::pair<group_member*, group_name>;
  boost::container::flat_map<membership, std::unique_ptr<group_table::place>> places_;
  boost::container::flat_map<ticket, joining> joining_;
  // Who waits for the client to take what was sent.
  std::vector<ticket> draining_;
  timer_handle end_deadline_;
  bool is_paused_ = false;
};

} // namespace dcrf
