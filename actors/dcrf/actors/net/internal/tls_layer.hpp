#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace dcrf::internal {

class tls_certificates;

/// The server's side of TLS on a socket that does not block, which OpenSSL reads and writes itself.
/// The handshake is a part of the first reads. Nothing is kept for a client before it has said
/// something, and no buffers while it says nothing.
class tls_layer {
public:
  /// What has to happen before the same call goes on.
  enum class need : std::uint8_t { nothing, readable, writable };

  struct result {
    std::size_t size = 0;
    need wants = need::nothing;
    boost::system::error_code error;
  };

  /// @param descriptor of the socket, which outlives this one
  tls_layer(std::shared_ptr<const tls_certificates> certificates, int descriptor) noexcept;
  ~tls_layer();
  tls_layer(const tls_layer&) = delete;
  tls_layer& operator=(const tls_layer&) = delete;

  /// What the client has sent. It ended what it sends, or its stream broke off, if the error is
  /// `eof`.
  result read(boost::asio::mutable_buffer to);

  /// Sends the beginning of the pieces, as one record. If that has to be called again, the pieces
  /// must begin with the same bytes. @pre The handshake is done.
  result write(std::span<const boost::asio::const_buffer> pieces);

  /// Tells the client that nothing more comes, if there is room for it.
  void shut_down() noexcept;

  /// Whether a read may find something without the socket.
  [[nodiscard]] bool has_buffered() const noexcept;

  /// Whether the handshake is done.
  [[nodiscard]] bool is_established() const noexcept;

  /// Whether anything has come from the client.
  [[nodiscard]] bool has_heard() const noexcept;

  /// The bytes that were sent on the socket.
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept;

private:
  result outcome(int code, std::size_t size);

  std::shared_ptr<const tls_certificates> certificates_;
  SSL* session_ = nullptr; // from the first read on
  int descriptor_;
  bool is_broken_ = false; // OpenSSL allows no call after that
};

/// Whether the client speaks HTTP without TLS, as an error of `tls_layer::read` says.
[[nodiscard]] bool is_plain_http(const boost::system::error_code& error) noexcept;

} // namespace dcrf::internal
