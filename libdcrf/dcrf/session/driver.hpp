#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/serializer/hypermedia.hpp"
#include "dcrf/session/mailbox.hpp"
#include "dcrf/session/session_handler.hpp"
#include "dcrf/session/subscriptions.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// Drives one consumer: keeps its requests and events in order, runs its actions, owns their
/// coroutines, and brings it to its end.
class driver final : public session_handler, public group_member, public consumer_session {
public:
  /// @param context outlives the driver
  /// @param streams the streams of the connection, if the consumer serves one of them
  driver(session_context& context, dcrf::scope connection, std::unique_ptr<consumer> subject,
         std::span<const linked_stream> streams = {});
  ~driver() override;

  // -- implementation of session_handler ----------------------------------------------------------

  void connect(const authenticator& authenticate) override;
  void receive(std::string_view payload, bool is_text) override;
  void stop() override;
  void disconnect() override;
  void abort() override;

  // -- implementation of group_member -------------------------------------------------------------

  /// A message of a group; dropped if the consumer is no member any more.
  void deliver(group_message_ptr message) override;

  // -- implementation of consumer_session ---------------------------------------------------------

  [[nodiscard]] const dcrf::scope& scope() const noexcept override { return scope_; }
  [[nodiscard]] const dcrf::runtime& runtime() const noexcept override { return runtime_; }
  [[nodiscard]] std::span<const linked_stream> streams() const noexcept override {
    return streams_;
  }
  void send(std::string frame) override;
  void send(std::shared_ptr<const std::string> head, std::string_view tail) override;
  void close(std::uint16_t code) override;
  task<> drain() override;
  void spawn(task<> work) override;
  void cancel(std::string_view action) override;
  void let_next_start() override;
  task<> join(group_name group, std::optional<std::string> request_id) override;
  void leave(const group_name& group, const std::optional<std::string>& request_id) override;

  // -----------------------------------------------------------------------------------------------

  /// A frame of a client that speaks to several streams: the request is its member `payload`.
  void receive_multiplexed(std::string_view frame);

  /// The bytes of requests and events that wait for their turn.
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return mailbox_.bytes(); }

private:
  enum class stage : std::uint8_t {
    connecting,
    open,
    refused,
    /// Disconnected; not all requests that came before have been handled yet.
    leaving,
    gone,
  };

  // A coroutine that runs for the consumer.
  struct run {
    enum class purpose : std::uint8_t { connect, action, event, background, drain, leave };

    purpose kind = purpose::action;
    bool is_detached = false;
    // It only waits for the answer to its last command.
    bool is_ending = false;
    dcrf::activity activity{};
    std::unique_ptr<request> req{};
    action_call call{};
  };

  // A request that was parsed.
  struct arrival {
    std::unique_ptr<request> req;
    // Null if the consumer has none of that name.
    const action_descriptor* action = nullptr;
    std::exception_ptr error{};
  };

  // Requests and events are handled, and frames sent.
  [[nodiscard]] bool is_open() const noexcept { return stage_ == stage::open && !is_closing_; }

  [[nodiscard]] bool is_waiting() const noexcept { return held_ || !mailbox_.empty(); }

  // Nothing runs for the consumer but what is detached.
  [[nodiscard]] bool is_idle() const noexcept { return !is_busy_ && ending_ == 0; }

  void push(mailbox::message x);
  void pump();
  bool start_next();
  void take(frame x);
  [[nodiscard]] bool may_start_now() const noexcept;
  [[nodiscard]] bool may_start(const arrival& x) const;
  [[nodiscard]] bool may_start(const group_message_ptr& message) const;
  arrival parse(frame x);
  void start_request(arrival x);
  void check_throttles();
  void end_detached(const std::function<bool(const run&)>& which);
  void start_event(const group_message_ptr& message);
  void start(run x);
  bool reap();
  void end(run& x);
  void answer(const request& req, const std::exception_ptr& error);
  void let_go();
  void drop_waiting();

  task<> open(authenticator authenticate);
  void opened(const std::exception_ptr& error);
  task<> run_disconnected();
  action_call call_action(request& req, const action_descriptor& action);
  task<std::optional<response>> call_atomic(request& req, const action_descriptor& action);
  task<> handle(group_message_ptr message);

  session_context* context_;
  dcrf::scope scope_;
  dcrf::runtime runtime_;
  std::unique_ptr<consumer> consumer_;
  std::span<const linked_stream> streams_;

  stage stage_ = stage::connecting;
  // The consumer has closed the connection; before it was accepted, that refuses it.
  bool is_closing_ = false;
  bool is_pumping_ = false;
  // Whether an action, handler or hook runs that has not come to its last command.
  bool is_busy_ = false;
  // Frames that the consumer sent before it was accepted.
  std::vector<std::string> early_frames_;
  // Those that have.
  std::size_t ending_ = 0;
  // In the order of their starts.
  std::list<run> running_;
  mailbox mailbox_;
  // The next request, which waits for all before it to end.
  std::optional<arrival> held_;
  subscriptions subscriptions_;
  // Made when the first request is throttled by connection.
  std::unique_ptr<throttle_history> history_;
};

} // namespace dcrf
