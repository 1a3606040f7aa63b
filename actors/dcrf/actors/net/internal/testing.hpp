#pragma once

// What the tests of the transport share: a loop that the test itself turns, and a client that
// speaks bytes.

#include "dcrf/actors/net/internal/coalescing_stream.hpp"
#include "dcrf/actors/net/internal/connection_registry.hpp"
#include "dcrf/actors/net/internal/http_connection.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <caf/actor_system_config.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf::testing {

using namespace dcrf::internal;

/// An I/O thread whose loop is turned by the test.
struct test_loop {
  caf::actor_system_config config;
  caf::actor_system system{config};
  io_thread thread{system};
  net::basic_socket_acceptor<tcp, executor> acceptor{
      thread.context(), tcp::endpoint{net::ip::address_v4::loopback(), 0}};

  /// Turns the loop until the condition holds; fails the test if it does not within 20 s.
  void run_until(const std::function<bool()>& condition) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) {
        FAIL("the condition did not come true");
      }
      thread.run_turn(std::chrono::milliseconds{5});
    }
  }

  /// Runs what is ready.
  void run_ready() { thread.run_turn({}); }

  /// Two ends of one connection: the server's and the client's.
  std::pair<tcp_socket, tcp_socket> connect(int receive_buffer = 0) {
    tcp_socket client{thread.context()};
    client.open(tcp::v4());
    if (receive_buffer > 0) {
      client.set_option(net::socket_base::receive_buffer_size{receive_buffer});
    }
    client.connect(acceptor.local_endpoint());
    client.non_blocking(true);
    tcp_socket server{thread.context()};
    acceptor.accept(server);
    return {std::move(server), std::move(client)};
  }
};

/// A frame as a client sends it, masked.
inline std::string client_frame(int opcode, std::string_view payload, bool fin = true) {
  std::string frame;
  auto put = [&frame](std::uint64_t value, int bytes) {
    while (bytes-- > 0) {
      frame += static_cast<char>((value >> (8 * bytes)) & 0xff);
    }
  };
  put(static_cast<std::uint64_t>(opcode | (fin ? 0x80 : 0)), 1);
  if (payload.size() < 126) {
    put(0x80 | payload.size(), 1);
  } else if (payload.size() < 65536) {
    put(0x80 | 126, 1);
    put(payload.size(), 2);
  } else {
    put(0x80 | 127, 1);
    put(payload.size(), 8);
  }
  constexpr std::string_view key = "\x12\x34\x56\x78";
  frame += key;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ key[i % 4]);
  }
  return frame;
}

inline std::string text(std::string_view payload, bool fin = true) {
  return client_frame(1, payload, fin);
}

inline std::string close_frame(unsigned code) {
  return client_frame(8, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)});
}

inline std::string handshake(std::string_view path, std::string_view more_headers = {}) {
  return "GET " + std::string{path}
         + " HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
         + std::string{more_headers} + "\r\n";
}

struct server_frame {
  int opcode = 0;
  std::string payload;

  [[nodiscard]] unsigned code() const {
    REQUIRE(payload.size() >= 2);
    return static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
  }
};

/// A client that turns the server's loop while it waits.
class test_client {
public:
  test_client(test_loop& loop, tcp_socket socket) : loop_(loop), socket_(std::move(socket)) {}

  void write(std::string_view bytes) {
    loop_.run_until([&] {
      error_code ec;
      bytes.remove_prefix(socket_.write_some(net::buffer(bytes.data(), bytes.size()), ec));
      return bytes.empty() || (ec && ec != net::error::would_block);
    });
  }

  /// Whether the server has closed its side; reads what has come until then.
  bool at_end() {
    read_available();
    return end_;
  }

  void wait_for_end() {
    loop_.run_until([this] { return at_end(); });
  }

  /// All bytes up to the end of the connection.
  std::string read_all() {
    wait_for_end();
    return std::exchange(in_, {});
  }

  /// The bytes up to and with `mark`.
  std::string read_through(std::string_view mark) {
    loop_.run_until([&] {
      read_available();
      return in_.find(mark) != std::string::npos || end_;
    });
    REQUIRE_THAT(in_, Catch::Contains(std::string{mark}));
    return take(in_.find(mark) + mark.size());
  }

  /// One HTTP response: its head and its body.
  std::pair<std::string, std::string> read_response(bool has_body = true) {
    auto head = read_through("\r\n\r\n");
    auto at = head.find("Content-Length: ");
    if (!has_body || at == std::string::npos) {
      return {head, ""};
    }
    return {head, read_exactly(std::stoul(head.substr(at + 16)))};
  }

  std::string read_exactly(std::size_t size) {
    loop_.run_until([&] {
      read_available();
      return in_.size() >= size || end_;
    });
    REQUIRE(in_.size() >= size);
    return take(size);
  }

  server_frame read_frame() {
    auto head = read_exactly(2);
    CHECK((head[0] & 0x80) != 0);
    CHECK((head[1] & 0x80) == 0);
    std::size_t size = static_cast<unsigned char>(head[1]);
    if (size >= 126) {
      auto bytes = read_exactly(size == 126 ? 2 : 8);
      size = 0;
      for (auto byte : bytes) {
        size = size * 256 + static_cast<unsigned char>(byte);
      }
    }
    return {head[0] & 0x0f, read_exactly(size)};
  }

  std::string read_text() {
    auto frame = read_frame();
    CHECK(frame.opcode == 1);
    return frame.payload;
  }

  void open(std::string_view path = "/echo") {
    write(handshake(path));
    auto head = read_through("\r\n\r\n");
    REQUIRE_THAT(head, Catch::StartsWith("HTTP/1.1 101 "));
    CHECK_THAT(head, Catch::Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")); // RFC 6455, section 1.3
  }

  [[nodiscard]] tcp_socket& socket() noexcept { return socket_; }

private:
  void read_available() {
    for (;;) {
      char bytes[16 * 1024];
      error_code ec;
      auto size = socket_.read_some(net::buffer(bytes), ec);
      in_.append(bytes, size);
      if (ec == net::error::would_block) {
        return;
      }
      if (ec) {
        end_ = true;
        return;
      }
    }
  }

  std::string take(std::size_t size) {
    auto result = in_.substr(0, size);
    in_.erase(0, size);
    return result;
  }

  test_loop& loop_;
  tcp_socket socket_;
  std::string in_;
  bool end_ = false;
};

/// Does what the path and the frames of a client ask for, and notes what it is told.
class echo_acceptor : public connection_acceptor {
public:
  class session;

  std::shared_ptr<connection_handler>
  on_websocket(io_thread& thread, std::shared_ptr<connection> link, dcrf::scope scope) override;
  void on_http(io_thread& thread, dcrf::http_request request,
               std::function<void(dcrf::http_response)> respond) override;
  [[nodiscard]] std::optional<std::size_t> body_size(std::string_view path) const override {
    return path == "/large" ? std::optional<std::size_t>{4 * 1024 * 1024} : std::nullopt;
  }

  std::vector<dcrf::scope> scopes;
  std::shared_ptr<connection> last;
  std::vector<std::function<void(dcrf::http_response)>> held; // responses of /later
  std::vector<std::uint16_t> closed;                          // codes of `on_closed`
  std::size_t frames = 0;
  std::size_t sent = 0; // frames for "fill"
  std::size_t drained = 0;
  std::size_t stops = 0;
  std::size_t sessions = 0; // alive
  // Whether a session has not ended yet when it is told of the end of its connection.
  bool ends_later = false;
  // Of /compressed.
  dcrf::compression compression{.is_offered = true, .smallest_message = 0};
};

class echo_acceptor::session : public connection_handler {
public:
  session(echo_acceptor& owner, std::shared_ptr<connection> link)
      : owner_(owner), link_(std::move(link)) {
    ++owner_.sessions;
  }
  ~session() override { --owner_.sessions; }

  void on_frame(std::string_view payload, bool is_text) override {
    ++owner_.frames;
    if (payload == "close") {
      link_->close(4001, "bye");
    } else if (payload == "pause") {
      link_->pause_reading();
    } else if (payload == "flood") {
      for (int i = 0; i < 300; ++i) {
        link_->send(std::string(64 * 1024, 'x'));
      }
    } else if (payload == "fill") {
      for (; !link_->is_congested(); ++owner_.sent) {
        link_->send(std::string(4096, 'x'));
      }
    } else if (payload == "bytes") {
      link_->send_bytes(std::string{"\0\xff", 2});
    } else if (payload == "shared") {
      link_->send(std::make_shared<const std::string>(10'000, 's'), "tail");
    } else {
      link_->send((is_text ? "" : "binary ") + std::string{payload});
    }
  }

  void on_drained() override { ++owner_.drained; }
  void on_stop() override { ++owner_.stops; }

  void on_closed(std::uint16_t code) override {
    owner_.closed.push_back(code);
    link_->send("nobody reads this");
    if (!owner_.ends_later) {
      link_->close(1000);
    }
  }

private:
  echo_acceptor& owner_;
  std::shared_ptr<connection> link_;
};

inline std::shared_ptr<connection_handler>
echo_acceptor::on_websocket(io_thread&, std::shared_ptr<connection> link, dcrf::scope scope) {
  auto path = scope.path;
  scopes.push_back(std::move(scope));
  if (path == "/nowhere") {
    return nullptr;
  }
  last = link;
  auto handler = std::make_shared<session>(*this, link);
  if (path == "/echo") {
    link->accept();
  } else if (path == "/greeting") {
    link->accept();
    link->send("welcome");
  } else if (path == "/greeting-and-bye") {
    link->accept();
    link->send("welcome");
    link->close(4002);
  } else if (path == "/protocol") {
    link->accept({}, "v2");
  } else if (path == "/short") {
    link->accept({.message_size = 1000}, {});
  } else if (path == "/compressed") {
    link->accept({.message_size = 10'000, .compression = compression}, {});
    link->send("welcome");
  } else if (path == "/refused") {
    link->refuse(http_response::detail(401, "Who are you?"));
    link->accept();
  } // else: later
  return handler;
}

inline void echo_acceptor::on_http(io_thread&, dcrf::http_request request,
                                   std::function<void(dcrf::http_response)> respond) {
  auto path = request.scope.path;
  scopes.push_back(std::move(request.scope));
  if (path == "/later") {
    held.push_back(std::move(respond));
  } else if (path == "/big") {
    respond(http_response::with(200, "text/plain", std::string(8 * 1024 * 1024, 'b')));
  } else if (path != "/dropped") {
    respond(
        http_response::with(200, "text/plain", request.method + " " + path + " " + request.body));
  }
}

/// Connections of all kinds on one loop.
struct transport_fixture : test_loop {
  std::shared_ptr<echo_acceptor> echo = std::make_shared<echo_acceptor>();
  connection_limits limits;

  test_client client(int receive_buffer = 0) {
    if (!registry_) {
      state_ = std::make_shared<listener_state>(echo, limits);
      registry_ = std::make_shared<connection_registry>(thread, state_);
    }
    auto [server, peer] = connect(receive_buffer);
    std::make_shared<http_connection>(registry_, state_->join(), std::move(server),
                                      net::ip::address_v4::loopback())
        ->start();
    return {*this, std::move(peer)};
  }

  [[nodiscard]] connection_registry& registry() { return *registry_; }
  [[nodiscard]] std::size_t connections() const { return state_->connections(); }

  /// Whatever a test leaves open ends as it would in a server that stops.
  ~transport_fixture() {
    echo->last = nullptr;
    echo->held.clear();
    if (registry_) {
      registry_->close_all({});
    }
    while (registry_ && connections() > 0) {
      thread.run_turn(std::chrono::seconds{1});
    }
  }

  /// Nothing is left of any connection.
  void check_no_leak() {
    echo->last = nullptr;
    run_until([this] { return connections() == 0 && echo->sessions == 0; });
  }

private:
  std::shared_ptr<listener_state> state_;
  std::shared_ptr<connection_registry> registry_;
};

} // namespace dcrf::testing
