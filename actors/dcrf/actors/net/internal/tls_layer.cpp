#include "dcrf/actors/net/internal/tls_layer.hpp"

#include "dcrf/actors/net/internal/tls_certificates.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace dcrf::internal {

namespace net = boost::asio;
using error_code = boost::system::error_code;

namespace {

// What a record takes at most.
constexpr std::size_t largest_record = SSL3_RT_MAX_PLAIN_LENGTH;

// OpenSSL's own way to a socket, but for the signal which that of a client who has gone would
// raise.
int send_quietly(BIO* to, const char* bytes, int size) {
  BIO_clear_retry_flags(to);
  int descriptor = -1;
  BIO_get_fd(to, &descriptor);
  auto sent =
      static_cast<int>(::send(descriptor, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL));
  if (BIO_sock_should_retry(sent) != 0) {
    BIO_set_retry_write(to);
  }
  return sent;
}

BIO_METHOD* make_way() {
  const auto* usual = BIO_s_socket();
  auto* result = BIO_meth_new(BIO_TYPE_SOCKET, "socket");
  if (result != nullptr) {
    BIO_meth_set_read(result, BIO_meth_get_read(usual));
    BIO_meth_set_ctrl(result, BIO_meth_get_ctrl(usual));
    BIO_meth_set_create(result, BIO_meth_get_create(usual));
    BIO_meth_set_destroy(result, BIO_meth_get_destroy(usual));
    BIO_meth_set_write(result, send_quietly);
  }
  return result;
}

BIO* way_to(int descriptor) {
  static const auto* const way = make_way(); // for as long as the process lives
  auto* result = way == nullptr ? nullptr : BIO_new(way);
  if (result != nullptr) {
    BIO_set_fd(result, descriptor, BIO_NOCLOSE);
  }
  return result;
}

// The beginning of the pieces as one: in place, or put together where all connections of a thread
// do so.
net::const_buffer joined(std::span<const net::const_buffer> pieces) {
  const auto& first = pieces.front();
  if (pieces.size() == 1 || first.size() >= largest_record) {
    return {first.data(), std::min(first.size(), largest_record)};
  }
  static thread_local std::array<char, largest_record> record;
  std::size_t size = 0;
  for (const auto& piece : pieces) {
    auto taken = std::min(piece.size(), record.size() - size);
    std::memcpy(record.data() + size, piece.data(), taken);
    size += taken;
  }
  return {record.data(), size};
}

} // namespace

tls_layer::tls_layer(std::shared_ptr<const tls_certificates> certificates, int descriptor) noexcept
    : certificates_(std::move(certificates)), descriptor_(descriptor) {}

tls_layer::~tls_layer() { SSL_free(session_); }

tls_layer::result tls_layer::read(net::mutable_buffer to) {
  if (session_ == nullptr) {
    session_ = certificates_->new_session();
    auto* way = session_ == nullptr ? nullptr : way_to(descriptor_);
    if (way == nullptr) {
      is_broken_ = true;
      return {.error = net::error::no_memory};
    }
    SSL_set_bio(session_, way, way);
    SSL_set_accept_state(session_);
  }
  if (is_broken_) {
    return {.error = net::error::eof};
  }
  ERR_clear_error();
  errno = 0;
  std::size_t size = 0;
  auto code = SSL_read_ex(session_, to.data(), to.size(), &size);
  return outcome(code, size);
}

tls_layer::result tls_layer::write(std::span<const net::const_buffer> pieces) {
  if (session_ == nullptr || is_broken_) {
    return {.error = net::error::broken_pipe};
  }
  auto bytes = joined(pieces);
  ERR_clear_error();
  errno = 0;
  std::size_t size = 0;
  auto code = SSL_write_ex(session_, bytes.data(), bytes.size(), &size);
  return outcome(code, size);
}

tls_layer::result tls_layer::outcome(int code, std::size_t size) {
  if (code == 1) {
    return {.size = size};
  }
  auto system = errno;
  switch (SSL_get_error(session_, code)) {
  case SSL_ERROR_WANT_READ:
    return {.wants = need::readable};
  case SSL_ERROR_WANT_WRITE:
    return {.wants = need::writable};
  case SSL_ERROR_ZERO_RETURN:
    return {.error = net::error::eof};
  case SSL_ERROR_SYSCALL:
    is_broken_ = true;
    return {.error = system == 0 ? error_code{net::error::eof}
                                 : error_code{system, boost::system::system_category()}};
  default:
    is_broken_ = true;
    return {.error = error_code{static_cast<int>(ERR_get_error()), net::error::get_ssl_category()}};
  }
}

void tls_layer::shut_down() noexcept {
  if (is_established() && !is_broken_) {
    ERR_clear_error();
    SSL_shutdown(session_);
  }
}

bool tls_layer::has_buffered() const noexcept {
  return session_ != nullptr && SSL_has_pending(session_) == 1;
}

bool tls_layer::is_established() const noexcept {
  return session_ != nullptr && SSL_is_init_finished(session_) == 1;
}

bool tls_layer::has_heard() const noexcept {
  return session_ != nullptr && BIO_number_read(SSL_get_rbio(session_)) > 0;
}

std::uint64_t tls_layer::sent_bytes() const noexcept {
  return session_ == nullptr ? 0 : BIO_number_written(SSL_get_wbio(session_));
}

bool is_plain_http(const error_code& error) noexcept {
  return error.category() == net::error::get_ssl_category()
         && ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

} // namespace dcrf::internal
