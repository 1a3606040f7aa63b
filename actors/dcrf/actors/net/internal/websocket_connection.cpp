#include "dcrf/actors/net/internal/websocket_connection.hpp"

#include "dcrf/actors/net/internal/http_head.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace dcrf::internal {

namespace websocket = beast::websocket;

namespace {

// What `on_closed` gets if the peer said nothing.
constexpr std::uint16_t no_close_frame = websocket::close_code::abnormal;

// A client may announce a long message and never send it: room is made only as it comes.
constexpr std::size_t smallest_chunk = 256;
constexpr std::size_t largest_chunk = 16 * 1024;

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

using frame_head = std::array<char, 10>;

// The head of an unfragmented, unmasked text frame (RFC 6455, section 5.2).
std::string_view text_frame_head(frame_head& head, std::size_t size) {
  auto put = [&head, size](std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
      head[2 + i] = static_cast<char>((size >> (8 * (bytes - 1 - i))) & 0xff);
    }
    return std::string_view{head.data(), 2 + bytes};
  };
  head[0] = static_cast<char>(0x81);
  if (size < 126) {
    head[1] = static_cast<char>(size);
    return put(0);
  }
  if (size <= 0xffff) {
    head[1] = 126;
    return put(2);
  }
  head[1] = 127;
  return put(8);
}

// RFC 6455, section 7.4.2: nobody has defined these. Beast takes them for valid.
bool is_beyond_codes(std::uint16_t code) noexcept { return code >= 5000; }

// A control frame has room for 123 bytes; a cut must not leave half a character.
std::string_view cut_reason(std::string_view reason) {
  constexpr std::size_t room = 123;
  if (reason.size() <= room) {
    return reason;
  }
  auto end = room;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) {
    --end;
  }
  return reason.substr(0, end);
}

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
    awaits_pong_ = false;
    if (type == websocket::frame_type::close) {
      check_close_code();
    }
  });
  stream_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
    response.set(beast::http::field::server, "dcrf");
  }));
}

void websocket_connection::start(dcrf::scope scope) {
  start_timer(limits().handshake_timeout);
  handler_ = acceptor().on_websocket(thread(), shared_from_this(), std::move(scope));
  if (!handler_) {
    refuse(http_response::detail(404, "Not found."));
  } else if (registry()->is_closing()) {
    go_away(websocket::close_code::going_away);
  }
}

// -- the handshake --------------------------------------------------------------------------------

void websocket_connection::accept() {
  if (phase_ != phase::handshake) {
    return;
  }
  phase_ = phase::accepting;
  stream_.async_accept(*request_,
                       [self = shared_from_this()](error_code ec) { self->accepted(ec); });
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
  socket().append(response_head(response, {.keep_alive = false}));
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
// check of UTF-8 does not stand null.
net::mutable_buffer websocket_connection::next_chunk() {
  if (message_end_ == 0) {
    return {message_.data(), 0};
  }
  auto size = std::min(stream_.read_size_hint(smallest_chunk), largest_chunk);
  if (message_.size() < message_end_ + size) {
    message_.resize(message_end_ + size);
  }
  return {message_.data() + message_end_, size};
}

void websocket_connection::received(error_code ec, std::size_t size) {
  if (is_over()) {
    return;
  }
  if (ec) {
    read_failed(ec);
    return;
  }
  awaits_pong_ = false;
  if (message_end_ == 0) {
    take_beginning();
    return;
  }
  message_end_ += size;
  if (!stream_.is_message_done()) {
    read();
    return;
  }
  holds_message_ = true;
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
  message_.assign(beginning.data(), size);
  message_end_ = size;
  holds_message_ = stream_.is_message_done();
  if (!holds_message_) {
    read();
  }
}

void websocket_connection::deliver() {
  if (!holds_message_ || paused_ || phase_ != phase::open) {
    return;
  }
  holds_message_ = false;
  auto message = std::exchange(message_, {});
  auto size = std::exchange(message_end_, 0);
  handler_->on_frame(std::string_view{message}.substr(0, size), stream_.got_text());
  resume();
}

void websocket_connection::resume() {
  if (!paused_ && !holds_message_) {
    read();
  }
}

void websocket_connection::read_failed(error_code ec) {
  if (ec == websocket::error::closed) {
    end_session(code_of_peer());
  } else if (ec.category() == error_code{websocket::error::closed}.category()) {
    protocol_failed();
  } else if (phase_ != phase::closing) { // otherwise the close operation will tell how it ended
    ended(code_if_broken());
  }
}

// Beast has queued a close frame that says what was wrong.
void websocket_connection::protocol_failed() { end_session(code_if_broken()); }

void websocket_connection::pause_reading() { paused_ = true; }

void websocket_connection::resume_reading() {
  if (!std::exchange(paused_, false)) {
    return;
  }
  // Pongs that came meanwhile were not read.
  awaits_pong_ = false;
  if (holds_message_) {
    net::post(socket().context(), [self = shared_from_this()] { self->deliver(); });
  } else {
    resume();
  }
}

// -- writing --------------------------------------------------------------------------------------

void websocket_connection::send(std::string frame) {
  if (!may_send()) {
    return;
  }
  frame_head head;
  socket().append(text_frame_head(head, frame.size()));
  socket().append(std::move(frame));
}

void websocket_connection::send(std::shared_ptr<const std::string> head, std::string tail) {
  if (!may_send()) {
    return;
  }
  frame_head frame;
  socket().append(text_frame_head(frame, head->size() + tail.size()));
  socket().append(std::move(head));
  socket().append(std::move(tail));
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

void websocket_connection::go_away(std::uint16_t code) {
  if (is_over()) {
    return;
  }
  if (handler_) {
    handler_->on_stop();
  }
  if (phase_ == phase::handshake) {
    refuse(http_response::detail(503, "The server is shutting down."));
  } else {
    close(code, {});
  }
}

// Beast would send the code back.
void websocket_connection::check_close_code() {
  if (!is_beyond_codes(stream_.reason().code) || phase_ != phase::open) {
    return;
  }
  socket().append(std::string_view{"\x88\x02\x03\xea", 4}); // close, 1002
  socket().seal();
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
  message_ = {};
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
  if (phase_ != phase::open || is_dead()) {
    ended(code_if_broken());
    return;
  }
  ping();
  start_timer(limits().ping_interval);
}

bool websocket_connection::is_dead() {
  return socket().failure() || (awaits_pong_ && !paused_) || takes_nothing();
}

// Since the last ping or longer. What leaves for the kernel says little: it may hold megabytes for
// a slow link, and take no more for minutes.
bool websocket_connection::takes_nothing() {
  if (socket().queued() == 0) {
    return false;
  }
  auto now = socket().acknowledged();
  return now == std::exchange(acknowledged_, now);
}

void websocket_connection::ping() {
  awaits_pong_ = true;
  if (std::exchange(ping_pending_, true)) {
    return;
  }
  stream_.async_ping({}, [self = shared_from_this()](error_code) { self->ping_pending_ = false; });
}

} // namespace dcrf::internal
