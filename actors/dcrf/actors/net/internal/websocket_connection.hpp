#pragma once

#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/net/internal/coalescing_stream.hpp"
#include "dcrf/actors/net/internal/connection_registry.hpp"
#include "dcrf/actors/net/internal/deadline.hpp"
#include "dcrf/actors/net/internal/frame_bytes.hpp"
#include "dcrf/actors/net/internal/keepalive.hpp"
#include "dcrf/actors/net/internal/message_assembler.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// One WebSocket connection, from its handshake on. Beast reads it and answers control frames;
/// data frames are appended to the socket directly, behind a header of their own: a server's frame
/// is its bytes with two to ten in front (RFC 6455, section 5.2), and Beast's write operation would
/// cost as much as the rest of a delivery. Only what is compressed goes through that, on paths that
/// offer it.
class websocket_connection final : public connection,
                                   public registered,
                                   public std::enable_shared_from_this<websocket_connection> {
public:
  using handshake = beast::http::request<beast::http::empty_body>;

  /// @param request A complete and valid handshake.
  websocket_connection(std::shared_ptr<connection_registry> registry, listener_state::ticket ticket,
                       std::shared_ptr<coalescing_socket> socket, handshake request);

  /// Asks the acceptor for a handler. Once, after construction.
  void start(dcrf::scope scope);

  using connection::accept;
  void accept(const websocket_options& options, std::string_view subprotocol) override;
  void refuse(http_response response) override;
  void send(std::string frame) override;
  void send(std::shared_ptr<const std::string> head, std::string tail) override;
  void send_bytes(std::string bytes) override;
  [[nodiscard]] bool is_congested() override;
  void close(std::uint16_t code, std::string_view reason) override;
  void pause_reading() override;
  void resume_reading() override;

  void go_away(const going_away& how) override;

private:
  enum class phase : std::uint8_t {
    handshake, // the session has not answered
    accepting, // the answer is on its way
    open,
    closing,   // we have sent a close frame, or an error instead of 101
    ending,    // no frame comes or goes any more; the session knows, and has not ended
    finishing, // it has: what is queued leaves, then the socket is closed
    closed,
  };

  [[nodiscard]] coalescing_socket& socket() noexcept { return stream_.next_layer().socket(); }
  [[nodiscard]] bool is_over() const noexcept { return phase_ >= phase::ending; }

  void offer(const dcrf::compression& x);
  void accepted(error_code ec);
  void start_close(const beast::websocket::close_reason& reason);

  void read();
  [[nodiscard]] net::mutable_buffer next_chunk();
  void received(error_code ec, std::size_t size);
  void take_beginning();
  void deliver();
  void resume();
  void read_failed(error_code ec);
  void protocol_failed();
  void fail(std::uint16_t code);

  [[nodiscard]] bool may_send();
  void send_message(std::string payload, bool is_text);
  [[nodiscard]] bool compresses() const noexcept { return is_compressed_ && phase_ == phase::open; }
  void compress(std::string_view head, std::string_view tail, bool is_text);

  void start_timer(std::chrono::nanoseconds delay);
  void timer_due();
  void ping();

  void check_close_code();
  [[nodiscard]] std::uint16_t code_or(std::uint16_t otherwise) const noexcept;
  [[nodiscard]] std::uint16_t code_of_peer() const noexcept;   // it has sent a close frame
  [[nodiscard]] std::uint16_t code_if_broken() const noexcept; // it may have, before the end
  void end_session(std::uint16_t code);
  void tell_session(std::uint16_t code);
  void finish();
  void ended(std::uint16_t code);

  beast::websocket::stream<coalescing_stream, true> stream_;
  std::unique_ptr<handshake> request_; // until it is answered
  std::unique_ptr<beast::websocket::close_reason> close_after_accept_;
  std::shared_ptr<connection_handler> handler_;
  deadline timer_; // for the handshake, pings, the close handshake, the session's end
  message_assembler message_;
  keepalive peer_;
  phase phase_ = phase::handshake;
  bool reading_ = false;
  bool paused_ = false;
  bool is_compressed_ = false; // permessage-deflate was agreed on
  bool ping_pending_ = false;
  bool awaits_drain_ = false;
};

} // namespace dcrf::internal
