#pragma once

#include "dcrf/consumer/stream_descriptor.hpp"
#include "dcrf/session/internal/connection_user.hpp"
#include "dcrf/session/internal/driver.hpp"
#include "dcrf/session/internal/early_frames.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// Serves several consumers over one connection, each under the name of its stream. A frame is
/// `{"stream": NAME, "payload": {…}}` both ways, as with channelsmultiplexer.
///
/// The connection is accepted when all streams have decided and at least one of them accepts, and
/// refused if all refuse. A stream that closes ends alone; with the last one the connection closes.
class multiplexer final : public session_handler, public user_owner {
public:
  /// @param context outlives the multiplexer
  /// @param streams, links one for each stream; they live as long as the program
  multiplexer(session_context& context, scope connection,
              std::span<const stream_descriptor> streams, std::span<const linked_stream> links);
  ~multiplexer() override;

  // -- implementation of session_handler ----------------------------------------------------------

  void connect(const authentication& how) override;
  [[nodiscard]] const user_info& user() const noexcept override { return scope_.user; }
  void check_again(const authentication& how) override;
  [[nodiscard]] bool is_asking_for_user() const override { return user_.is_asking(); }
  void receive(std::string_view payload, bool is_text) override;
  void stop() override;
  void disconnect(std::uint16_t code) override;
  void abort() override;

  // -- implementation of user_owner ---------------------------------------------------------------

  void user_changed(const user_info& x) override;
  void notify(const std::string& frame) override;
  void end_connection(std::uint16_t code) override;
  task<bool> check_rights() override;

private:
  class stream;
  friend class stream;

  enum class stream_state : std::uint8_t { connecting, open, refused, closed };

  task<> open(authentication how);
  void refuse(const std::exception_ptr& error);
  void receive_for(std::string_view name, json_view frame, std::string_view text);
  void close_if_unused();
  [[nodiscard]] bool any_is(stream_state x) const;

  // What the streams tell.
  void decided();
  void send(std::string frame);
  void closed(std::uint16_t code);
  void finished();

  session_context* context_;
  scope scope_;
  runtime runtime_;
  std::span<const linked_stream> links_;
  connection_user user_;
  std::vector<std::unique_ptr<stream>> streams_;
  // What streams sent before the connection was accepted.
  early_frames early_frames_;
  activity opening_activity_;
  task<> opening_;
  std::uint16_t close_code_ = 1000;
  bool is_started_ = false;
  bool is_decided_ = false;
  bool is_disconnected_ = false;
  bool is_finished_ = false;
};

} // namespace dcrf
