#pragma once

#include "dcrf/actors/net/internal/coalescing_stream.hpp"
#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/net/internal/connection_registry.hpp"
#include "dcrf/actors/net/internal/deadline.hpp"
#include "dcrf/actors/net/internal/listen_address.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// One connection from its accept on: answers HTTP requests one after the other, until one of them
/// is a WebSocket handshake, which takes over the socket.
class http_connection final : public registered,
                              public std::enable_shared_from_this<http_connection> {
public:
  /// @param client nothing on a socket of a path
  http_connection(std::shared_ptr<connection_registry> registry, listener_state::ticket ticket,
                  tcp_socket socket, const std::optional<net::ip::address>& client,
                  entrance how = entrance::http);

  /// Reads the first request. Once, after construction.
  void start();

  void go_away(const going_away& how) override;
  bool make_room(std::chrono::steady_clock::time_point before) override;

private:
  using parser = beast::http::request_parser<beast::http::string_body>;

  // Counts what the chunks of a body say besides their sizes (RFC 9112, section 7.1.1): nobody
  // reads it, and it counts towards no other bound.
  struct chunk_extensions {
    explicit chunk_extensions(std::size_t at_most) : bound(at_most) {}

    void operator()(std::uint64_t, beast::string_view text, error_code& ec) {
      size += text.size();
      if (size > bound) {
        ec = beast::http::error::header_limit;
      }
    }

    std::size_t bound;
    std::size_t size = 0;
  };

  void read_head(std::chrono::nanoseconds timeout);
  void head_read(error_code ec);
  [[nodiscard]] std::optional<http_response> body_refusal();
  [[nodiscard]] bool answer_preflight();
  void read_body();
  void body_read(error_code ec);
  void hand_on();

  void upgrade(dcrf::scope scope);
  [[nodiscard]] std::optional<http_response> handshake_error(const dcrf::scope& scope) const;

  void read_until(std::chrono::nanoseconds timeout);
  void read_failed(error_code ec);
  [[nodiscard]] bool awaits_handshake();
  void handshake_failed(error_code ec);
  void log_handshake(std::string_view reason);
  void respond(http_response response);
  void respond_and_close(http_response response);
  void watch_progress();
  void written(error_code ec);
  void end();
  void close();

  [[nodiscard]] std::optional<http_response> take_scope();
  void log_refusal(const dcrf::scope& scope, std::string_view origin) const;

  std::shared_ptr<coalescing_socket> socket_;
  coalescing_stream stream_;
  deadline timer_;
  beast::flat_buffer buffer_;
  chunk_extensions extensions_;
  std::optional<parser> parser_;
  std::optional<dcrf::scope> scope_; // of the request that is being read
  std::string origin_;               // of the page that asks, if it is one of another origin
  std::chrono::steady_clock::time_point came_ = std::chrono::steady_clock::now();
  std::optional<net::ip::address> peer_;
  entrance how_;
  std::size_t body_bound_ = 0;   // of the request that is being read
  bool is_head_ = false;         // the request's method
  bool keep_alive_ = true;       // as the current request wants it
  bool reads_head_ = false;      // between two requests, or at the start of one
  bool awaits_response_ = false; // the acceptor has the request
  bool is_going_away_ = false;
  bool is_ending_ = false; // nothing is read any more
};

} // namespace dcrf::internal
