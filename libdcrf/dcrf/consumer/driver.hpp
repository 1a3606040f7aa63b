#pragma once

#include "dcrf/consumer/consumer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace dcrf {

/// Finds out who the user of a connection is, from the scope that its handshake made.
using authenticator = std::function<task<user_info>(const scope&, const runtime&)>;

/// Drives one consumer: keeps its requests and events in order, runs its actions, owns their
/// coroutines, and brings it to its end. Used by whoever implements session_context, on the
/// session's thread.
class driver {
public:
  /// @param context outlives the driver
  driver(session_context& context, dcrf::scope connection, std::unique_ptr<consumer> subject);
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;
  ~driver();

  /// Starts the handshake: authenticates, asks permissions, runs the consumer's hook, then accepts
  /// or refuses.
  /// @param authenticate may be null
  void connect(const authenticator& authenticate);

  /// A frame of the client.
  void receive(std::string_view payload, bool is_text);

  /// A message of a group; dropped if the consumer is no member any more.
  void deliver(group_message_ptr message);

  /// The connection is gone: drops what is queued, ends detached actions, and, when the running
  /// action has ended, runs the consumer's hook and calls `session_context::finished`.
  /// @pre not called by a coroutine of the consumer, so not from within `send` or `close` either
  void disconnect();

  /// Ends everything now, without the consumer's hook.
  /// @pre not called by a coroutine of the consumer
  void abort();

  /// The bytes of requests and events that wait for their turn.
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_bytes_; }

  [[nodiscard]] const dcrf::scope& scope() const noexcept { return scope_; }
  [[nodiscard]] const dcrf::runtime& runtime() const noexcept { return runtime_; }
  [[nodiscard]] session_context& context() const noexcept { return *context_; }

private:
  friend class consumer;

  enum class stage : std::uint8_t {
    connecting,
    open,
    refused,
    /// Disconnected; the running action has not ended yet.
    leaving,
    gone,
  };

  // A coroutine that runs for the consumer.
  struct run {
    enum class purpose : std::uint8_t { connect, action, event, background, leave };

    purpose kind = purpose::action;
    bool is_detached = false;
    dcrf::activity activity{};
    std::unique_ptr<request> req{};
    action_call call{};
  };

  struct frame {
    std::string payload;
    bool is_text;
  };

  // The subscriptions of one group.
  struct membership {
    std::vector<std::string> request_ids{};
    bool is_nameless = false;
    bool is_joined = false;
  };

  // Requests and events are handled, and frames sent.
  [[nodiscard]] bool is_open() const noexcept { return stage_ == stage::open && !is_closing_; }

  void send(std::string frame);
  void close(std::uint16_t code);
  void spawn(task<> work);

  void push(std::variant<frame, group_message_ptr> item, std::size_t bytes);
  void pump();
  void start_next();
  void start_request(frame x);
  void start_event(const group_message_ptr& message);
  void start(run x);
  bool reap();
  void end(run& x);
  void answer(const request& req, const std::exception_ptr& error);
  void leave_groups();
  void drop_queue();

  task<> open(authenticator authenticate);
  void opened(const std::exception_ptr& error);
  task<> leave();
  action_call call_action(request& req, const action_descriptor& action);
  task<std::optional<response>> call_atomic(request& req, const action_descriptor& action);
  task<> handle(group_message_ptr message);

  task<> subscribe(group_name target, std::optional<std::string> request_id);
  void unsubscribe(const group_name& target, const std::optional<std::string>& request_id);

  session_context* context_;
  dcrf::scope scope_;
  dcrf::runtime runtime_;
  std::unique_ptr<consumer> consumer_;

  stage stage_ = stage::connecting;
  // The consumer has closed the connection; before it was accepted, that refuses it.
  bool is_closing_ = false;
  // Frames that the consumer sent before it was accepted.
  std::vector<std::string> early_frames_;
  bool is_pumping_ = false;
  bool is_busy_ = false;
  std::list<run> running_;
  std::deque<std::variant<frame, group_message_ptr>> queue_;
  std::size_t queued_bytes_ = 0;
  std::unordered_map<group_name, membership> memberships_;
};

} // namespace dcrf
