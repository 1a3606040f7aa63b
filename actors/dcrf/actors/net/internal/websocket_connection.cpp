#include "dcrf/actors/net/internal/websocket_connection.hpp"

#include "dcrf/actors/net/internal/http_head.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/zlib/error.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace dcrf::internal {

namespace websocket = beast::websocket;

namespace {

// What `on_closed` gets if the peer said nothing.
constexpr std::uint16_t no_close_frame = websocket::close_code::abnormal;

constexpr std::size_t smallest_chunk = 256;

// As large as Beast's own buffer.
constexpr std::size_t beginning_size = 1536;

// Asio gives an operation any block that it has left, also one of twice its size, and the read of
// an idle connection would keep it.
template <class T>
struct exact_allocator : std::allocator<T> {
  exact_allocator() noexcept = default;
  template <class U>
  exact_allocator(const exact_allocator<U>&) noexcept {}
};

} // namespace

websocket_connection::websocket_connection(std::shared_ptr<connection_registry> registry,
                                           listener_state::ticket ticket,
                                           std::shared_ptr<coalescing_socket> socket,
                                           handshake request)
    : registered(std::move(registry), std::move(ticket)),
      stream_(coalescing_stream{std::move(socket)}),
      request_(std::make_unique<handshake>(std::move(request))),
      timer_(this->registry()->timeouts()) {
  stream_.read_message_max(limits().message_size);
  stream_.control_callback([this](websocket::frame_type type, beast::string_view) {
    peer_.heard();
    if (type == websocket::frame_type::close) {
      check_close_code();
    }
  });
}

void websocket_connection::start(dcrf::scope scope) {
  start_timer(limits().handshake_timeout);
  handler_ = acceptor().on_websocket(thread(), shared_from_this(), std::move(scope));
  if (!handler_) {
    refuse(http_response::detail(404, "Not found."));
  } else if (const auto& closing = registry()->closing()) {
    go_away(*closing);
  }
}

// -- the handshake --------------------------------------------------------------------------------

void websocket_connection::accept(const websocket_options& options, std::string_view subprotocol) {
  if (phase_ != phase::handshake) {
    return;
  }
  phase_ = phase::accepting;
  if (options.message_size != 0) {
    stream_.read_message_max(options.message_size);
  }
  offer(options.compression);
  stream_.set_option(
      websocket::stream_base::decorator([this, subprotocol](websocket::response_type& response) {
        response.set(beast::http::field::server, "dcrf");
        if (!subprotocol.empty()) {
          response.set(beast::http::field::sec_websocket_protocol,
                       beast::string_view{subprotocol.data(), subprotocol.size()});
        }
        if (auto value = transport_security(socket().tls() != nullptr); !value.empty()) {
          response.set(beast::http::field::strict_transport_security,
                       beast::string_view{value.data(), value.size()});
        }
        is_compressed_ = response.count(beast::http::field::sec_websocket_extensions) > 0;
      }));
  stream_.async_accept(*request_,
                       [self = shared_from_this()](error_code ec) { self->accepted(ec); });
}

void websocket_connection::offer(const compression& x) {
  if (!x.is_offered) {
    return;
  }
  websocket::permessage_deflate offered;
  offered.server_enable = true;
  offered.server_max_window_bits = x.server_window_bits;
  offered.client_max_window_bits = x.client_window_bits;
  offered.server_no_context_takeover = x.server_no_context_takeover;
  offered.client_no_context_takeover = x.client_no_context_takeover;
  offered.compLevel = x.level;
  offered.memLevel = x.memory_level;
  offered.msg_size_threshold = x.smallest_message;
  stream_.set_option(offered);
}

void websocket_connection::accepted(error_code ec) {
  request_.reset();
  if (phase_ == phase::closed) {
    return;
  }
  if (ec) {
    ended(no_close_frame);
    return;
  }
  phase_ = phase::open;
  start_timer(limits().ping_interval);
  if (close_after_accept_) {
    start_close(*std::exchange(close_after_accept_, nullptr));
  } else {
    resume();
  }
}

void websocket_connection::refuse(http_response response) {
  if (phase_ != phase::handshake) {
    return;
  }
  phase_ = phase::closing;
  request_.reset();
  timer_.clear();
  socket().append(response_head(
      response,
      {.keep_alive = false, .transport_security = transport_security(socket().tls() != nullptr)}));
  socket().append(std::move(response.body));
  socket().finish([self = shared_from_this()](error_code) { self->ended(no_close_frame); });
}

// -- reading --------------------------------------------------------------------------------------

void websocket_connection::read() {
  if (reading_ || phase_ != phase::open) {
    return;
  }
  reading_ = true;
  auto done = [self = shared_from_this()](error_code ec, std::size_t size) {
    self->reading_ = false;
    self->received(ec, size);
  };
  stream_.async_read_some(next_chunk(),
                          net::bind_allocator(exact_allocator<char>{}, std::move(done)));
}

// Nothing at the beginning of a message: Beast then waits until it has come to a buffer of its own,
// and an idle connection needs none besides. The address counts although no byte does: Beast's
// check of UTF-8 does not stand null. What is compressed it does not read in this way.
net::mutable_buffer websocket_connection::next_chunk() {
  return message_.empty() && !is_compressed_
             ? message_.nothing()
             : message_.prepare(stream_.read_size_hint(smallest_chunk));
}

void websocket_connection::received(error_code ec, std::size_t size) {
  if (is_over()) {
    return;
  }
  if (ec) {
    read_failed(ec);
    return;
  }
  peer_.heard();
  if (message_.empty() && !is_compressed_) {
    take_beginning();
    return;
  }
  message_.commit(size);
  if (!stream_.is_message_done()) {
    read();
    return;
  }
  message_.complete();
  deliver();
}

// What has come of a message is in Beast's buffer, so this reads no socket. All connections of a
// thread take it to the same place: most messages are whole then, and handed on from there.
void websocket_connection::take_beginning() {
  if (phase_ != phase::open) {
    return;
  }
  static thread_local std::array<char, beginning_size> beginning;
  std::size_t size = 0;
  if (!stream_.is_message_done()) {
    error_code ec;
    size = stream_.read_some(net::buffer(beginning), ec);
    if (ec) {
      protocol_failed();
      return;
    }
  }
  if (stream_.is_message_done() && !paused_) {
    handler_->on_frame({beginning.data(), size}, stream_.got_text());
    resume();
    return;
  }
  message_.begin({beginning.data(), size});
  if (stream_.is_message_done()) {
    message_.complete();
  } else {
    read();
  }
}

void websocket_connection::deliver() {
  if (!message_.is_whole() || paused_ || phase_ != phase::open) {
    return;
  }
  handler_->on_frame(message_.take(), stream_.got_text());
  resume();
}

void websocket_connection::resume() {
  if (!paused_ && !message_.is_whole()) {
    read();
  }
}

void websocket_connection::read_failed(error_code ec) {
  if (ec == websocket::error::closed) {
    end_session(code_of_peer());
  } else if (ec.category() == error_code{websocket::error::closed}.category()) {
    protocol_failed();
  } else if (ec.category() == error_code{beast::zlib::error::end_of_stream}.category()) {
    fail(websocket::close_code::bad_payload);
  } else if (phase_ != phase::closing) { // otherwise the close operation will tell how it ended
    ended(code_if_broken());
  }
}

// Beast has queued a close frame that says what was wrong.
void websocket_connection::protocol_failed() { end_session(code_if_broken()); }

// What is wrong, Beast does not tell the peer.
void websocket_connection::fail(std::uint16_t code) {
  socket().append(close_frame_of(code));
  socket().seal();
  if (!is_over()) {
    end_session(no_close_frame);
  }
}

void websocket_connection::pause_reading() { paused_ = true; }

void websocket_connection::resume_reading() {
  if (!std::exchange(paused_, false)) {
    return;
  }
  // Pongs that came meanwhile were not read.
  peer_.heard();
  if (message_.is_whole()) {
    net::post(socket().context(), [self = shared_from_this()] { self->deliver(); });
  } else {
    resume();
  }
}

// -- writing --------------------------------------------------------------------------------------

void websocket_connection::send(std::string frame) { send_message(std::move(frame), true); }

void websocket_connection::send_bytes(std::string bytes) { send_message(std::move(bytes), false); }

void websocket_connection::send_message(std::string payload, bool is_text) {
  if (!may_send()) {
    return;
  }
  if (compresses()) {
    compress(payload, {}, is_text);
    return;
  }
  frame_head head;
  socket().append(message_head(head, payload.size(), is_text));
  socket().append(std::move(payload));
}

void websocket_connection::send(std::shared_ptr<const std::string> head, std::string tail) {
  if (!may_send()) {
    return;
  }
  if (compresses()) {
    compress(*head, tail, true);
    return;
  }
  frame_head frame;
  socket().append(message_head(frame, head->size() + tail.size(), true));
  socket().append(std::move(head));
  socket().append(std::move(tail));
}

// Beast compresses in one go, since the socket takes any number of bytes.
void websocket_connection::compress(std::string_view head, std::string_view tail, bool is_text) {
  error_code ignored; // the socket has failed, which its reader learns
  stream_.text(is_text);
  stream_.write(std::array{net::const_buffer{head.data(), head.size()},
                           net::const_buffer{tail.data(), tail.size()}},
                ignored);
}

bool websocket_connection::may_send() {
  // Beast leaves its open state when it answers a close frame or fails the connection: no data may
  // follow (RFC 6455, section 5.5.1).
  if (phase_ != phase::accepting && !(phase_ == phase::open && stream_.is_open())) {
    return false;
  }
  if (socket().queued() >= socket().bound()) {
    socket().flush();
  }
  if (socket().queued() < socket().bound()) {
    return true;
  }
  close(websocket::close_code::try_again_later, "The client reads too slowly.");
  return false;
}

bool websocket_connection::is_congested() {
  auto has_much = [this] { return socket().queued() >= socket().bound() / 2; };
  if (phase_ != phase::open || !has_much()) {
    return false;
  }
  socket().flush();
  if (!has_much()) {
    return false;
  }
  if (!std::exchange(awaits_drain_, true)) {
    socket().when_below(socket().bound() / 4, [self = shared_from_this()](error_code) {
      self->awaits_drain_ = false;
      if (self->handler_) {
        self->handler_->on_drained();
      }
    });
  }
  return true;
}

// -- the end --------------------------------------------------------------------------------------

void websocket_connection::close(std::uint16_t code, std::string_view reason) {
  auto cut = cut_reason(reason);
  websocket::close_reason frame{static_cast<websocket::close_code>(code),
                                beast::string_view{cut.data(), cut.size()}};
  if (phase_ == phase::handshake) {
    refuse(http_response::detail(403, "The connection was refused."));
  } else if (phase_ == phase::accepting && !close_after_accept_) {
    close_after_accept_ = std::make_unique<websocket::close_reason>(frame);
  } else if (phase_ == phase::open) {
    start_close(frame);
  } else if (phase_ == phase::ending) {
    finish();
  }
}

void websocket_connection::start_close(const websocket::close_reason& reason) {
  phase_ = phase::closing;
  start_timer(limits().close_timeout);
  stream_.async_close(reason, [self = shared_from_this()](error_code ec) {
    if (self->is_over()) {
      return;
    }
    if (ec) {
      self->ended(self->code_if_broken());
    } else {
      self->end_session(self->code_of_peer());
    }
  });
}

void websocket_connection::go_away(const going_away& how) {
  if (is_over()) {
    return;
  }
  if (handler_) {
    handler_->on_stop();
  }
  if (phase_ == phase::handshake) {
    refuse(http_response::detail(503, "The server is shutting down."));
  } else {
    close(how.code, how.reason());
  }
}

// Beast would send the code back.
void websocket_connection::check_close_code() {
  if (is_beyond_codes(stream_.reason().code) && phase_ == phase::open) {
    socket().append(close_frame_of(websocket::close_code::protocol_error));
    socket().seal();
  }
}

std::uint16_t websocket_connection::code_of_peer() const noexcept {
  return code_or(websocket::close_code::no_status);
}

std::uint16_t websocket_connection::code_if_broken() const noexcept {
  return code_or(no_close_frame);
}

std::uint16_t websocket_connection::code_or(std::uint16_t otherwise) const noexcept {
  auto code = stream_.reason().code;
  if (is_beyond_codes(code)) {
    return no_close_frame;
  }
  return code == websocket::close_code::none ? otherwise : static_cast<std::uint16_t>(code);
}

// The peer knows that it is over as soon as our close frame leaves. The end of the socket tells it
// that the session has ended, too.
void websocket_connection::end_session(std::uint16_t code) {
  phase_ = phase::ending;
  start_timer(limits().close_timeout);
  tell_session(code);
}

void websocket_connection::tell_session(std::uint16_t code) {
  message_.clear();
  if (auto handler = std::move(handler_)) {
    handler->on_closed(code);
  }
}

void websocket_connection::finish() {
  phase_ = phase::finishing;
  timer_.clear();
  socket().finish([self = shared_from_this()](error_code) { self->ended(no_close_frame); });
}

void websocket_connection::ended(std::uint16_t code) {
  if (phase_ == phase::closed) {
    return;
  }
  phase_ = phase::closed;
  timer_.clear();
  socket().abort();
  tell_session(code);
  leave();
}

// -- deadlines ------------------------------------------------------------------------------------

void websocket_connection::start_timer(std::chrono::nanoseconds delay) {
  timer_.set(delay, [this] { timer_due(); });
}

void websocket_connection::timer_due() {
  auto self = shared_from_this();
  if (phase_ == phase::closed) {
    return;
  }
  if (phase_ == phase::ending) {
    finish();
    return;
  }
  if (phase_ != phase::open || peer_.is_dead(socket(), !paused_)) {
    ended(code_if_broken());
    return;
  }
  ping();
  start_timer(limits().ping_interval);
}

void websocket_connection::ping() {
  peer_.pinged();
  if (std::exchange(ping_pending_, true)) {
    return;
  }
  stream_.async_ping({}, [self = shared_from_this()](error_code) { self->ping_pending_ = false; });
}

} // namespace dcrf::internal
