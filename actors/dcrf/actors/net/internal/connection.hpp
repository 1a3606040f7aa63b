#pragma once

#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/actors/websocket_options.hpp"
#include "dcrf/protocol/scope.hpp"
#include "dcrf/view/http.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf {

/// What a session may ask of its WebSocket connection. Called on the connection's I/O thread only.
/// None of it calls the handler back before it returns, and all of it is ignored once the
/// connection is closed.
class connection {
public:
  virtual ~connection() = default;

  /// Answers the handshake with 101. Frames are read from now on, and may be sent at once.
  /// @param subprotocol one of those that the client offers, or empty
  virtual void accept(const websocket_options& options, std::string_view subprotocol) = 0;
  void accept() { accept({}, {}); }

  /// Answers the handshake with an HTTP error, and ends the connection.
  virtual void refuse(http_response response) = 0;

  /// Sends one text frame. What is sent in one turn of the loop leaves in one system call. If more
  /// waits than `connection_limits::outbox_size`, the frame is dropped and the connection closed
  /// with 1013 (try again later).
  virtual void send(std::string frame) = 0;

  /// Sends one text frame made of bytes that are shared with other connections, and its own end. A
  /// long head is not copied.
  virtual void send(std::shared_ptr<const std::string> head, std::string tail) = 0;

  /// Sends one binary frame.
  virtual void send_bytes(std::string bytes) = 0;

  /// Whether half of `connection_limits::outbox_size` or more waits for the peer. If so, the
  /// handler is told when less than a quarter does.
  [[nodiscard]] virtual bool is_congested() = 0;

  /// Closes the connection: queued frames leave first, then the close frame, and the peer answers
  /// it (RFC 6455, section 7.1.2), all within `connection_limits::close_timeout`. Before the
  /// handshake is answered, this refuses it with 403, as Channels does. After `on_closed` it says
  /// that the session has ended, and only the socket is left to be closed.
  /// @param code 1000, or 3000 to 4999, or what RFC 6455, section 7.4.1 lists for an endpoint.
  /// @param reason UTF-8; cut at 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason = {}) = 0;

  /// Stops the delivery of frames, and with it the reading from the socket, until `resume_reading`.
  /// Meanwhile a peer that vanishes is noticed only by what is sent to it, pings included.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
};

/// What a connection tells its session, on the connection's I/O thread. Must not throw. The
/// connection owns its handler until `on_closed`.
class connection_handler {
public:
  virtual ~connection_handler() = default;

  /// One whole message has come.
  /// @param payload Valid during the call only. If it is text, it is valid UTF-8.
  virtual void on_frame(std::string_view payload, bool is_text) = 0;

  /// The peer has taken most of what waited for it: see `connection::is_congested`.
  virtual void on_drained() = 0;

  /// The server stops, and closes the connection: what waits is not to be handled any more.
  virtual void on_stop() = 0;

  /// The connection is over: no frame comes or goes any more. Called exactly once, and the last
  /// call. If the peer has not gone by itself, its socket is kept until the session has ended and
  /// calls `connection::close`, at most for `connection_limits::close_timeout`: to a client, the
  /// end of the socket (RFC 6455, section 7.1.1) is the end of all that its connection did.
  /// @param code As received from the peer; 1005 if its close frame had none, 1006 if there was no
  ///             close frame (RFC 6455, section 7.1.5).
  virtual void on_closed(std::uint16_t code) = 0;
};

/// What a listener hands its connections to. Called on the connection's I/O thread; must not throw.
class connection_acceptor {
public:
  virtual ~connection_acceptor() = default;

  /// A WebSocket handshake; null refuses it with 404. The handler answers with `accept` or
  /// `refuse`, now or later: after `connection_limits::handshake_timeout` the connection is closed.
  virtual std::shared_ptr<connection_handler>
  on_websocket(io_thread& thread, std::shared_ptr<connection> connection, dcrf::scope scope) = 0;

  /// An HTTP request. The next one of the same connection comes after the response.
  /// @param respond To be called now or later, on the I/O thread, at most once. If it is dropped
  ///                without a call, the connection is closed.
  virtual void on_http(io_thread& thread, dcrf::http_request request,
                       std::function<void(dcrf::http_response)> respond) = 0;

  /// The largest body of an HTTP request for a path, in bytes; nothing if it is that of
  /// `connection_limits::body_size`.
  [[nodiscard]] virtual std::optional<std::size_t> body_size(std::string_view path) const {
    static_cast<void>(path);
    return std::nullopt;
  }
};

} // namespace dcrf
