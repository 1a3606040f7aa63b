#include "dcrf/actors/net/internal/coalescing_stream.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace dcrf::internal {

namespace {

// A turn that has collected this much need not be waited for: the system call is amortized.
constexpr std::size_t enough_for_a_send = 64 * 1024;

} // namespace

coalescing_socket::coalescing_socket(tcp_socket socket, io_thread& thread, std::size_t bound,
                                     std::chrono::nanoseconds close_timeout, deadlines& timeouts,
                                     std::shared_ptr<const tls_certificates> certificates)
    : socket_(std::move(socket)),
      thread_(thread),
      close_timeout_(close_timeout),
      timeouts_(timeouts),
      bound_(bound) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  if (certificates) {
    tls_ = std::make_unique<tls_layer>(std::move(certificates), socket_.native_handle());
  }
}

void coalescing_socket::schedule() {
  if (outbox_.size() >= enough_for_a_send) {
    flush();
  } else if (!scheduled_ && !writing_) {
    scheduled_ = true;
    thread_.when_turn_ends(shared_from_this());
  }
}

void coalescing_socket::turn_ended() {
  scheduled_ = false;
  flush();
}

void coalescing_socket::flush() {
  if (writing_ || failure_) {
    return;
  }
  // All sockets of a thread gather here: to clear one anew would take longer than what follows.
  static thread_local outbox::gathered storage;
  while (!outbox_.empty()) {
    error_code ec;
    auto pieces = outbox_.gather(storage);
    // The system call for one piece is the cheaper one.
    auto wants = tcp_socket::wait_write;
    auto sent = tls_                 ? encrypt(pieces, wants, ec)
                : pieces.size() == 1 ? send(pieces.front(), ec)
                                     : send(pieces, ec);
    if (ec == net::error::would_block) {
      wait(wants);
      break;
    }
    if (ec) {
      abort(ec);
      return;
    }
    ++sends_;
    if (!tls_) {
      sent_bytes_ += sent;
    }
    outbox_.consume(sent);
  }
  wake_waiting();
  shut_down_if_empty();
}

// The end of what we send travels with the last of it, in one packet: the kernel keeps that back
// for the shutdown which follows.
template <class Pieces>
std::size_t coalescing_socket::send(const Pieces& pieces, error_code& ec) {
  return socket_.send(pieces, finishing_ ? MSG_MORE : 0, ec);
}

std::size_t coalescing_socket::encrypt(std::span<const net::const_buffer> pieces,
                                       tcp_socket::wait_type& wants, error_code& ec) {
  auto result = tls_->write(pieces);
  sent_bytes_ = tls_->sent_bytes(); // a part of a record, too
  ec = result.error;
  if (result.wants != tls_layer::need::nothing) {
    ec = net::error::would_block;
    wants =
        result.wants == tls_layer::need::readable ? tcp_socket::wait_read : tcp_socket::wait_write;
  }
  return result.size;
}

std::int64_t coalescing_socket::acknowledged() {
  int on_the_way = 0;
  ::ioctl(socket_.native_handle(), SIOCOUTQ, &on_the_way);
  return static_cast<std::int64_t>(sent_bytes_) - on_the_way;
}

std::uint64_t coalescing_socket::in_flight() {
  auto sent = static_cast<std::int64_t>(sent_bytes_);
  return queued() + static_cast<std::uint64_t>(sent - acknowledged());
}

void coalescing_socket::wait(tcp_socket::wait_type what) {
  writing_ = true;
  socket_.async_wait(what, [self = shared_from_this()](error_code ec) {
    self->writing_ = false;
    if (ec) {
      self->abort(ec);
    } else {
      self->flush();
    }
  });
}

void coalescing_socket::when_below(std::size_t limit, handler done) {
  waiting_.push_back({limit, std::move(done)});
  wake_waiting();
}

void coalescing_socket::wake_waiting() {
  auto goes_on_waiting = [this](const waiting& x) {
    return !failure_ && outbox_.size() >= x.limit;
  };
  auto first = std::stable_partition(waiting_.begin(), waiting_.end(), goes_on_waiting);
  // Through the loop: whoever flushes is in the middle of something else.
  for (auto x = first; x != waiting_.end(); ++x) {
    net::post(context(), [done = std::move(x->done), ec = failure_] { done(ec); });
  }
  waiting_.erase(first, waiting_.end());
}

void coalescing_socket::finish(handler done) {
  finishing_ = std::make_unique<finishing>(timeouts_, std::move(done));
  if (failure_) {
    finished(failure_);
    return;
  }
  finishing_->timeout.set(close_timeout_, [this] {
    auto self = shared_from_this();
    abort(net::error::timed_out);
  });
  if (!scheduled_) {
    flush();
  }
}

void coalescing_socket::shut_down_if_empty() {
  if (!finishing_ || !outbox_.empty() || shut_down_) {
    return;
  }
  shut_down_ = true;
  error_code ignored;
  if (tls_) {
    tls_->shut_down();
  }
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
  discard_input();
}

void coalescing_socket::discard_input() {
  // All connections of a thread discard into the same bytes; nobody reads them.
  static thread_local std::array<char, 4096> bin;
  socket_.async_read_some(net::buffer(bin),
                          [self = shared_from_this()](error_code ec, std::size_t) {
                            if (ec) {
                              self->finished(ec == net::error::eof ? error_code{} : ec);
                            } else {
                              self->discard_input();
                            }
                          });
}

void coalescing_socket::finished(error_code ec) {
  if (!failure_) {
    failure_ = ec ? ec : net::error::eof;
  }
  error_code ignored;
  tls_.reset();
  socket_.close(ignored);
  if (finishing_) {
    net::post(context(),
              [done = std::move(std::exchange(finishing_, nullptr)->done), ec] { done(ec); });
  }
}

void coalescing_socket::abort(error_code reason) {
  if (!failure_) {
    failure_ = reason;
  }
  outbox_.clear();
  wake_waiting();
  finished(failure_);
}

} // namespace dcrf::internal
