#include "client/connection.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fmt/format.h>

#include <type_traits>

#include "client/backoff.hpp"
#include "client/errors.hpp"

namespace client {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = asio::ssl;
namespace websocket = beast::websocket;

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

// A peer that is silent is asked for a sign of life after half of this.
constexpr std::chrono::seconds longest_silence{60};

ssl::context make_context(const command_line& line) {
  ssl::context context{ssl::context::tls_client};
  boost::system::error_code error;
  if (line.authority_file) {
    context.load_verify_file(*line.authority_file, error);
  } else {
    context.set_default_verify_paths(error);
  }
  if (error) {
    throw usage_error{fmt::format("{}: {}", line.authority_file.value_or("trusted certificates"),
                                  error.message())};
  }
  context.set_verify_mode(line.insecure ? ssl::verify_none : ssl::verify_peer);
  return context;
}

// What OpenSSL has against a certificate, which its error code does not tell.
std::string explain(tls_stream& stream, const boost::system::error_code& error) {
  auto verdict = SSL_get_verify_result(stream.native_handle());
  return verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict);
}

// Whether the peers can't agree: the same would come of another attempt. One that broke off, or was
// too slow, says nothing of the next.
bool is_disagreement(tls_stream& stream, const boost::system::error_code& error) {
  constexpr int broken_off = SSL_R_UNEXPECTED_EOF_WHILE_READING;
  return SSL_get_verify_result(stream.native_handle()) != X509_V_OK
         || (error.category() == asio::error::get_ssl_category()
             && ERR_GET_REASON(static_cast<unsigned long>(error.value())) != broken_off);
}

// What the server says to a handshake that it refuses, if it is short enough to be shown.
std::string explain(const websocket::response_type& response) {
  auto text = fmt::format("{} {}", response.result_int(), std::string{response.reason()});
  const auto& body = response.body();
  if (!body.empty() && body.size() <= 200 && body.find_first_of("\r\n<") == std::string::npos) {
    text += ": " + body;
  }
  return text;
}

template <class Stream>
class websocket_connection final : public connection {
public:
  template <class... Ts>
  websocket_connection(const asio::any_io_executor& executor, const command_line& line, Ts&... tls)
      : resolver_{executor}, stream_{executor, tls...}, line_{line} {}

  asio::awaitable<void> open() override {
    co_await connect();
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      co_await shake_hands_for_tls();
    }
    tcp().expires_never();
    co_await shake_hands();
  }

  asio::awaitable<std::optional<std::string>> read() override {
    boost::system::error_code error;
    co_await stream_.async_read(buffer_, asio::redirect_error(asio::use_awaitable, error));
    if (error && is_closing_ && error == websocket::error::closed) {
      co_return std::nullopt;
    }
    if (error == websocket::error::closed) {
      throw connection_error{closed_by_server(), retry_after(stream_.reason().reason.c_str())};
    }
    check(error, "connection lost");
    auto text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    co_return std::move(text);
  }

  asio::awaitable<void> write(std::string frame) override {
    boost::system::error_code error;
    auto bytes = asio::buffer(frame);
    co_await stream_.async_write(bytes, asio::redirect_error(asio::use_awaitable, error));
    check(error, "connection lost");
  }

  asio::awaitable<void> close() override {
    is_closing_ = true;
    boost::system::error_code error;
    websocket::close_reason reason{websocket::close_code::normal};
    co_await stream_.async_close(reason, asio::redirect_error(asio::use_awaitable, error));
  }

  void abort() override {
    resolver_.cancel();
    tcp().close();
  }

private:
  asio::awaitable<void> connect() {
    const auto& server = line_.server;
    boost::system::error_code error;
    // The resolver has no timeout of its own, and that of the system is long enough to be noticed.
    auto addresses = co_await resolver_.async_resolve(
        server.host, server.port, asio::redirect_error(asio::use_awaitable, error));
    check(error, server.host);
    tcp().expires_after(line_.timeout);
    co_await tcp().async_connect(addresses, asio::redirect_error(asio::use_awaitable, error));
    check(error, server.authority());
  }

  asio::awaitable<void> shake_hands_for_tls() {
    const auto& host = line_.server.host;
    auto& tls = stream_.next_layer();
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    // An address is no name that a server could choose its certificate by.
    if (not_an_address) {
      SSL_set_tlsext_host_name(tls.native_handle(), host.c_str());
    }
    if (!line_.insecure) {
      tls.set_verify_callback(ssl::host_name_verification{host});
    }
    boost::system::error_code error;
    co_await tls.async_handshake(ssl::stream_base::client,
                                 asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      auto what = fmt::format("{}: TLS: {}", line_.server.authority(), explain(tls, error));
      if (is_disagreement(tls, error)) {
        throw refused_error{what};
      }
      throw connection_error{what};
    }
  }

  asio::awaitable<void> shake_hands() {
    stream_.set_option(websocket::stream_base::timeout{line_.timeout, longest_silence, true});
    stream_.set_option(websocket::stream_base::decorator{
        [this](websocket::request_type& request) { add_headers(request); }});
    stream_.read_message_max(0);
    websocket::response_type response;
    boost::system::error_code error;
    co_await stream_.async_handshake(response, line_.server.authority(), line_.server.target,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error == websocket::error::upgrade_declined) {
      auto what = "the server refuses the handshake: " + explain(response);
      if (response.result_int() < 500) {
        throw refused_error{what};
      }
      throw connection_error{what};
    }
    check(error, line_.server.authority() + ": handshake");
    stream_.text(true);
  }

  void add_headers(websocket::request_type& request) const {
    request.set(beast::http::field::user_agent, "dcrf/" DCRF_VERSION);
    for (const auto& [name, value] : line_.headers) {
      request.insert(name, value);
    }
  }

  std::string closed_by_server() const {
    const auto& reason = stream_.reason();
    auto text = fmt::format("closed by the server: {}", unsigned{reason.code});
    if (!reason.reason.empty()) {
      text += " " + std::string{reason.reason.c_str(), reason.reason.size()};
    }
    return text;
  }

  void check(const boost::system::error_code& error, const std::string& what) const {
    if (error) {
      throw connection_error{fmt::format("{}: {}", what, error.message())};
    }
  }

  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  asio::ip::tcp::resolver resolver_;
  websocket::stream<Stream> stream_;
  beast::flat_buffer buffer_;
  const command_line& line_;
  bool is_closing_ = false;
};

/// The context outlives the stream that uses it.
class tls_connection final : public connection {
public:
  tls_connection(const asio::any_io_executor& executor, const command_line& line)
      : context_{make_context(line)}, inner_{executor, line, context_} {}

  asio::awaitable<void> open() override { return inner_.open(); }
  asio::awaitable<std::optional<std::string>> read() override { return inner_.read(); }
  asio::awaitable<void> write(std::string frame) override { return inner_.write(std::move(frame)); }
  asio::awaitable<void> close() override { return inner_.close(); }
  void abort() override { inner_.abort(); }

private:
  ssl::context context_;
  websocket_connection<tls_stream> inner_;
};

} // namespace

std::unique_ptr<connection> make_connection(const asio::any_io_executor& executor,
                                            const command_line& line) {
  if (line.server.is_secure) {
    return std::make_unique<tls_connection>(executor, line);
  }
  return std::make_unique<websocket_connection<plain_stream>>(executor, line);
}

} // namespace client
