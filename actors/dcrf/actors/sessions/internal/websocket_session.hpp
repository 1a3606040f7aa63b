#pragma once

#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/sessions/internal/actor_context.hpp"
#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/session/session_handler.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf {

/// What a session may hold and how long its end may take.
struct session_limits {
  session_bounds bounds{};
  /// For the requests that came before and the consumer's `disconnected`, after the connection is
  /// over.
  std::chrono::milliseconds end_timeout{5000};
};

/// The actor of one WebSocket connection. It is pinned to the connection's I/O thread: frames come
/// by a call, replies leave by a call, and only what comes from other threads comes as a message.
/// Others see it as a session_actor.
class websocket_session final : public actor_context<session_context> {
public:
  /// @param options of the path; they outlive the session
  websocket_session(caf::actor_config& config, pinning_unit& unit, io_services& services,
                    std::shared_ptr<connection> connection, const websocket_options& options,
                    session_limits limits);

  // -- what the connection tells, on the I/O thread -----------------------------------------------

  /// Starts the handshake.
  void open(const endpoint& make, scope handshake, const authentication& how);
  void receive(std::string_view payload, bool is_text);
  void drained();
  void stop();
  void closed(std::uint16_t code);

  // -- implementation of session_context ----------------------------------------------------------

  void accept() override;
  void refuse(unsigned status) override;
  void send(std::string frame) override;
  void send(std::shared_ptr<const std::string> head, std::string_view tail) override;
  void send_bytes(std::string bytes) override;
  void close(std::uint16_t code) override;
  void choose_subprotocol(std::string name) override { subprotocol_ = std::move(name); }
  void join(const group_name& x, group_member& member, ticket answer) override;
  void leave(const group_name& x, group_member& member) override;
  [[nodiscard]] bool is_congested() override { return connection_->is_congested(); }
  void drain(ticket answer) override { draining_.push_back(answer); }
  [[nodiscard]] std::uint64_t version() override { return services().store.version(); }
  [[nodiscard]] feed_position_ptr position() override { return services().store.position(); }
  void follow(replay_question x, std::shared_ptr<replay_ptr> to, ticket answer) override;
  void watch_list(list_question x, std::shared_ptr<list_state_ptr> to, ticket answer) override;
  void watch_positions(group_member& member) override { services().groups.watch_positions(member); }
  void queued() override;
  [[nodiscard]] bool is_pipelining() const override { return services().is_pipelining; }
  [[nodiscard]] bool logs_requests() const override { return services().logs_requests; }
  void log_request(std::string_view line) override;
  void log_failure(std::string_view where, const std::exception_ptr& error) override;
  [[nodiscard]] session_budget& budget() override { return budget_; }
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
  void look_after(const look_after_user& x);

  // What one of its consumers is in, or is about to be.
  using membership = std::pair<group_member*, group_name>;

  void enter(const membership& x);
  void joined(const membership& x, ticket answer);

  std::shared_ptr<connection> connection_;
  const websocket_options* options_;
  session_limits limits_;
  session_budget budget_{limits_.bounds};
  std::string subprotocol_;
  std::unique_ptr<session_handler> handler_;
  // Set with the handler, and outlives it.
  const authentication* authentication_ = nullptr;
  std::map<membership, group_table::place> places_;
  // Those that wait until other nodes know of them, and were not given up meanwhile.
  std::set<std::pair<membership, ticket>> joining_;
  // Who waits for the client to take what was sent.
  std::vector<ticket> draining_;
  timer_handle end_deadline_;
  bool is_paused_ = false;
  bool is_accepted_ = false;
};

} // namespace dcrf
