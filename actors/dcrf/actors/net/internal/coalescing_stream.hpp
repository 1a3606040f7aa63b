#pragma once

#include "dcrf/actors/net/internal/deadline.hpp"
#include "dcrf/actors/net/internal/outbox.hpp"
#include "dcrf/actors/net/internal/tls_layer.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace dcrf::internal {

namespace net = boost::asio;
namespace beast = boost::beast;

using tcp = net::ip::tcp;
using error_code = beast::error_code;

// Asio's own type-erased executors cost memory per socket and timer, and a virtual call per
// handler.
using executor = net::io_context::executor_type;
using tcp_socket = net::basic_stream_socket<tcp, executor>;
using steady_timer =
    net::basic_waitable_timer<std::chrono::steady_clock,
                              net::wait_traits<std::chrono::steady_clock>, executor>;

/// A socket whose writes are collected: all that is appended in one turn of the loop leaves in one
/// system call, at the turn's end, or as soon as there is enough for one. It may speak TLS, which
/// whoever reads and appends does not notice.
///
/// Used on its thread only, and always through a `shared_ptr`: handlers that wait for the socket
/// keep it alive.
class coalescing_socket final : public turn_listener,
                                public std::enable_shared_from_this<coalescing_socket> {
public:
  using handler = std::function<void(error_code)>;

  /// @param socket Without Nagle's algorithm: what that would collect is collected here, without
  /// its delay.
  /// @param bound How many queued bytes are enough, for those who write; this class takes any
  /// number.
  /// @param close_timeout How long `finish` waits for the peer.
  /// @param timeouts Outlives this one.
  /// @param certificates For TLS; null without.
  coalescing_socket(tcp_socket socket, io_thread& thread, std::size_t bound,
                    std::chrono::nanoseconds close_timeout, deadlines& timeouts,
                    std::shared_ptr<const tls_certificates> certificates = nullptr);

  /// Queues bytes; see `outbox`. They are dropped once the socket has failed, or was sealed or
  /// finished.
  template <class Bytes>
  void append(Bytes&& bytes) {
    if (failure_ || sealed_ || finishing_) {
      return;
    }
    outbox_.append(std::forward<Bytes>(bytes));
    schedule();
  }

  /// What was appended until now is the last that is sent.
  void seal() noexcept { sealed_ = true; }

  /// Sends what the kernel takes now.
  void flush();

  /// The bytes that the kernel has not taken yet.
  [[nodiscard]] std::size_t queued() const noexcept { return outbox_.size(); }
  [[nodiscard]] std::size_t bound() const noexcept { return bound_; }

  /// Calls `done` through the loop as soon as less than `limit` bytes are queued, or with the error
  /// that ended the socket.
  void when_below(std::size_t limit, handler done);

  /// Ends the connection in order: what is queued leaves, then our side is shut down, and what the
  /// peer still sends is discarded until it closes its side. Without the last step the kernel would
  /// answer unread bytes with a reset, which may overtake what was sent (RFC 9112, section 9.6).
  /// All within the close timeout; `done` is called through the loop.
  void finish(handler done);

  /// Closes the socket at once; what waits on it is called with an error.
  void abort(error_code reason = net::error::operation_aborted);

  /// How many of the bytes sent have arrived at the peer's host: TCP's acknowledgements. It grows
  /// with them, and may be negative where the kernel counts what it needs besides.
  [[nodiscard]] std::int64_t acknowledged();

  /// How many of the bytes that were appended have not arrived there.
  [[nodiscard]] std::uint64_t in_flight();

  /// How many system calls have sent something.
  [[nodiscard]] std::uint64_t sends() const noexcept { return sends_; }

  [[nodiscard]] tcp_socket& socket() noexcept { return socket_; }
  [[nodiscard]] net::io_context& context() noexcept { return thread_.context(); }
  [[nodiscard]] error_code failure() const noexcept { return failure_; }

  /// TLS, if the socket speaks it and is open.
  [[nodiscard]] tls_layer* tls() noexcept { return tls_.get(); }
  /// Goes on without TLS. @pre The handshake has failed.
  void drop_tls() noexcept { tls_.reset(); }

  void turn_ended() override;

private:
  void schedule();
  template <class Pieces>
  std::size_t send(const Pieces& pieces, error_code& ec);
  std::size_t encrypt(std::span<const net::const_buffer> pieces, tcp_socket::wait_type& wants,
                      error_code& ec);
  void wait(tcp_socket::wait_type what);
  void wake_waiting();
  void shut_down_if_empty();
  void discard_input();
  void finished(error_code ec);

  tcp_socket socket_;
  io_thread& thread_;
  std::unique_ptr<tls_layer> tls_;
  outbox outbox_;
  // Who waits until less than `limit` bytes are queued.
  struct waiting {
    std::size_t limit;
    handler done;
  };
  // Who waits for the end, and until when.
  struct finishing {
    finishing(deadlines& among, handler when_done) : timeout(among), done(std::move(when_done)) {}

    deadline timeout;
    handler done;
  };

  std::vector<waiting> waiting_;
  std::unique_ptr<finishing> finishing_;
  std::chrono::nanoseconds close_timeout_;
  deadlines& timeouts_;
  std::size_t bound_;
  std::uint64_t sends_ = 0;
  std::uint64_t sent_bytes_ = 0;
  error_code failure_;
  bool scheduled_ = false;
  bool writing_ = false;
  bool sealed_ = false;
  bool shut_down_ = false;
};

/// A read of what the peer has sent over TLS.
template <class Handler>
class tls_read {
public:
  using executor_type = net::associated_executor_t<Handler, executor>;
  using allocator_type = net::associated_allocator_t<Handler>;

  tls_read(std::shared_ptr<coalescing_socket> socket, net::mutable_buffer to, Handler handler)
      : socket_(std::move(socket)), to_(to), handler_(std::move(handler)) {}

  [[nodiscard]] executor_type get_executor() const noexcept {
    return net::get_associated_executor(handler_, socket_->context().get_executor());
  }
  [[nodiscard]] allocator_type get_allocator() const noexcept {
    return net::get_associated_allocator(handler_);
  }

  /// Without a look at the socket, which mostly has nothing.
  void start() && {
    auto* tls = socket_->tls();
    if (tls == nullptr || tls->has_buffered()) {
      auto& context = socket_->context();
      net::post(context, beast::bind_front_handler(std::move(*this), error_code{}));
    } else {
      wait(tcp_socket::wait_read);
    }
  }

  void operator()(error_code ec) {
    std::size_t size = 0;
    if (auto* tls = socket_->tls(); !ec && tls != nullptr) {
      auto result = tls->read(to_);
      if (result.wants != tls_layer::need::nothing) {
        wait(result.wants == tls_layer::need::readable ? tcp_socket::wait_read
                                                       : tcp_socket::wait_write);
        return;
      }
      size = result.size;
      ec = result.error;
    } else if (!ec) {
      ec = socket_->failure();
    }
    socket_.reset();
    handler_(ec, size);
  }

private:
  void wait(tcp_socket::wait_type what) {
    auto& socket = socket_->socket();
    socket.async_wait(what, std::move(*this));
  }

  std::shared_ptr<coalescing_socket> socket_;
  net::mutable_buffer to_;
  Handler handler_;
};

/// The layer under `beast::websocket::stream`: reads go to the socket, writes are collected. So
/// Beast's control frames keep their place among the frames that are appended to the socket
/// directly. A write completes at once, except that at the bound it waits for the peer: one that
/// sends pings and does not read the pongs is not read from any more.
class coalescing_stream {
public:
  using executor_type = executor;

  explicit coalescing_stream(std::shared_ptr<coalescing_socket> socket)
      : socket_(std::move(socket)) {}

  [[nodiscard]] executor_type get_executor() noexcept { return socket_->context().get_executor(); }
  [[nodiscard]] coalescing_socket& socket() const noexcept { return *socket_; }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return net::async_initiate<Handler, void(error_code, std::size_t)>(
        [](auto completion, const std::shared_ptr<coalescing_socket>& socket, const Buffers& to) {
          if (socket->tls() == nullptr) {
            socket->socket().async_read_some(to, std::move(completion));
          } else {
            tls_read{socket, first_of(to), std::move(completion)}.start();
          }
        },
        handler, socket_, buffers);
  }

  // Beast's blocking functions ask for these; only those that return errors are called. They read
  // what Beast has in its buffer already, and write the close frame that ends a failed connection.
  template <class Buffers>
  std::size_t read_some(const Buffers&, error_code& ec) {
    ec = net::error::would_block;
    return 0;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers&);
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& ec) {
    auto size = append_all(*socket_, buffers);
    ec = socket_->failure();
    return ec ? 0 : size;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers&);

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return net::async_initiate<Handler, void(error_code, std::size_t)>(
        [](auto completion, coalescing_socket* socket, const Buffers& bytes) {
          start_write(*socket, bytes, std::move(completion));
        },
        handler, socket_.get(), buffers);
  }

  friend void beast_close_socket(coalescing_stream& stream) { stream.socket().abort(); }

  // The owner of the stream finishes the socket, when its session has ended.
  template <class Handler>
  friend void async_teardown(beast::role_type, coalescing_stream& stream, Handler&& handler) {
    net::post(stream.get_executor(),
              beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
  }
  friend void teardown(beast::role_type, coalescing_stream&, error_code& ec) { ec = {}; }

private:
  // One is enough for a read of some bytes, if it is not empty.
  template <class Buffers>
  static net::mutable_buffer first_of(const Buffers& buffers) {
    auto end = net::buffer_sequence_end(buffers);
    auto found = std::find_if(net::buffer_sequence_begin(buffers), end,
                              [](const auto& x) { return net::mutable_buffer{x}.size() > 0; });
    return found == end ? net::mutable_buffer{} : net::mutable_buffer{*found};
  }

  template <class Buffers>
  static std::size_t append_all(coalescing_socket& socket, const Buffers& buffers) {
    std::size_t size = 0;
    for (auto i = net::buffer_sequence_begin(buffers); i != net::buffer_sequence_end(buffers);
         ++i) {
      const net::const_buffer bytes{*i};
      socket.append(std::string_view{static_cast<const char*>(bytes.data()), bytes.size()});
      size += bytes.size();
    }
    return size;
  }

  template <class Buffers, class Handler>
  static void start_write(coalescing_socket& socket, const Buffers& buffers, Handler handler) {
    auto size = append_all(socket, buffers);
    if (socket.queued() < socket.bound()) {
      net::post(socket.context(), beast::bind_front_handler(std::move(handler), socket.failure(),
                                                            socket.failure() ? 0 : size));
      return;
    }
    auto shared = std::make_shared<Handler>(std::move(handler));
    socket.when_below(socket.bound(),
                      [shared, size](error_code ec) { std::move (*shared)(ec, ec ? 0 : size); });
  }

  std::shared_ptr<coalescing_socket> socket_;
};

} // namespace dcrf::internal
