#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/serializer/hypermedia.hpp"
#include "dcrf/session/internal/connection_user.hpp"
#include "dcrf/session/internal/consumer_groups.hpp"
#include "dcrf/session/internal/early_frames.hpp"
#include "dcrf/session/internal/request_dispatch.hpp"
#include "dcrf/session/internal/runs.hpp"
#include "dcrf/session/internal/subscription_rights.hpp"
#include "dcrf/session/internal/turn_queue.hpp"
#include "dcrf/session/session_handler.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dcrf {

/// Drives one consumer from its handshake to its end: gives it its requests and events in their
/// turns, and the session what it asks for.
class driver final : public session_handler,
                     public group_member,
                     public consumer_session,
                     public user_owner {
public:
  /// @param context outlives the driver
  /// @param streams the streams of the connection, if the consumer serves one of them
  driver(session_context& context, dcrf::scope connection, std::unique_ptr<consumer> subject,
         std::span<const linked_stream> streams = {});
  ~driver() override;

  // -- implementation of session_handler ----------------------------------------------------------

  void connect(const authentication& how) override;
  [[nodiscard]] const user_info& user() const noexcept override { return scope_.user; }
  void check_again(const authentication& how) override;
  [[nodiscard]] bool is_asking_for_user() const override { return user_.is_asking(); }
  void receive(std::string_view payload, bool is_text) override;
  void stop() override;
  void disconnect(std::uint16_t code) override;
  void abort() override;

  // -- implementation of group_member -------------------------------------------------------------

  /// A message of a group; dropped if the consumer is no member any more.
  bool deliver(group_message_ptr message) override;
  void commit_ended(const feed_position_ptr& position) override;
  void position_reached(const position_tick& x) override;

  // -- implementation of consumer_session ---------------------------------------------------------

  [[nodiscard]] const dcrf::scope& scope() const noexcept override { return scope_; }
  [[nodiscard]] const dcrf::runtime& runtime() const noexcept override { return runtime_; }
  [[nodiscard]] std::span<const linked_stream> streams() const noexcept override {
    return streams_;
  }
  void send(std::string frame) override;
  void send(std::shared_ptr<const std::string> head, std::string_view tail) override;
  void send_bytes(std::string bytes) override;
  void close(std::uint16_t code) override;
  void reject(std::uint16_t code) override;
  void choose_subprotocol(std::string name) override;
  task<> drain() override;
  void spawn(task<> work) override;
  void cancel(std::string_view action) override;
  void allow_pipelining() override;
  task<> join(group_name group, std::optional<std::string> request_id) override;
  void leave(const group_name& group, const std::optional<std::string>& request_id) override;
  task<> watch(const request& req, watched_list x) override;
  void unwatch(const std::optional<std::string>& request_id) override {
    groups_.unwatch(request_id);
  }

  // -- implementation of user_owner ---------------------------------------------------------------

  void user_changed(const user_info& x) override { scope_.user = x; }
  void notify(const std::string& frame) override { send(frame); }
  void end_connection(std::uint16_t code) override { reject(code); }
  task<bool> check_rights() override;

  // -----------------------------------------------------------------------------------------------

  /// The login that the connection has, if the consumer serves one of its streams.
  /// @param x outlives the driver
  void share(login* x) { dispatch_.follow(x); }

  /// A frame of a client that speaks to several streams: the request is its member `payload`.
  void receive_multiplexed(std::string_view frame);

private:
  enum class stage : std::uint8_t {
    connecting,
    open,
    refused,
    /// Disconnected; not all requests that came before have been handled yet.
    leaving,
    gone,
  };

  // Requests and events are handled, and frames sent.
  [[nodiscard]] bool is_open() const noexcept { return stage_ == stage::open && !is_closing_; }

  // -- the handshake

  task<> open(authentication how);
  void opened(const std::exception_ptr& error);
  void accept();
  void send_early(received_frame x);

  task<bool> may_connect();

  // -- turns

  void take(received_frame x);
  void push(mailbox::message x);
  [[nodiscard]] bool may_start_now() const noexcept;
  void pump();
  bool pump_some();
  bool start_next();
  void start_request();
  bool start_event_run(task<> work);
  void push_mark(mailbox::message x);
  void take_mark(const mailbox::message& x);
  void shed_events();
  [[nodiscard]] bool may_take_now() const noexcept;
  task<> pump_later();

  // -- ends of coroutines

  bool end_some_run();
  void end(coroutine_run& x);
  void log_failure(std::string_view where, const std::exception_ptr& error);

  // -- the end

  task<> run_disconnected();

  session_context* context_;
  dcrf::scope scope_;
  dcrf::runtime runtime_;
  std::unique_ptr<consumer> consumer_;
  std::span<const linked_stream> streams_;

  stage stage_ = stage::connecting;
  // The consumer has closed the connection; before it was accepted, that refuses it.
  bool is_closing_ = false;
  bool is_pumping_ = false;
  // The rest is done in a later turn of the thread.
  bool is_pumped_later_ = false;
  std::uint16_t close_code_ = 0;
  // Whether it has left the groups that it was in when the connection ended.
  bool has_left_groups_ = false;
  // What the consumer sent before it was accepted.
  early_frames early_frames_;
  // The code that the client is closed with as soon as it is accepted; 0 if it may stay.
  std::uint16_t rejection_ = 0;
  turn_queue waiting_;
  runs running_;
  connection_user user_;
  consumer_groups groups_;
  request_dispatch dispatch_;
  subscription_rights rights_;
  task<> pumping_later_;
};

} // namespace dcrf
