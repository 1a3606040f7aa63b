#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace dcrf::cluster {

using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// Carries the bytes of a link between TLS and a local socket, both ways, until one of them ends.
class relay : public std::enable_shared_from_this<relay> {
public:
  /// @param context is kept as long as the stream
  /// @returns the local end, which is the caller's; -1 if there are no descriptors for it
  static int start(tls_stream stream, std::shared_ptr<boost::asio::ssl::context> context);

  relay(tls_stream stream, std::shared_ptr<boost::asio::ssl::context> context);

private:
  using local_socket = boost::asio::local::stream_protocol::socket;
  using buffer = std::array<char, std::size_t{32} * 1024>;

  template <class From, class To>
  void carry(From& from, To& to, buffer& bytes);
  void close();

  std::shared_ptr<boost::asio::ssl::context> context_;
  tls_stream far_;
  local_socket near_;
  buffer inwards_{};
  buffer outwards_{};
};

} // namespace dcrf::cluster
