#include "dcrf/actors/net/internal/listener.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <caf/actor_system_config.hpp>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace listener_tests {

using namespace std::chrono_literals;

namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

// Accepts every WebSocket, answers every request with the number of its thread.
class simple_acceptor : public dcrf::connection_acceptor {
public:
  class handler : public dcrf::connection_handler {
  public:
    explicit handler(simple_acceptor& owner) : owner_(owner) {}
    void on_frame(std::string_view, bool) override {}
    void on_drained() override {}
    void on_stop() override {}
    void on_closed(std::uint16_t) override { ++owner_.closed; }

  private:
    simple_acceptor& owner_;
  };

  std::shared_ptr<dcrf::connection_handler> on_websocket(dcrf::io_thread& thread,
                                                         std::shared_ptr<dcrf::connection> link,
                                                         dcrf::scope) override {
    if (!thread.runs_here()) {
      ++foreign;
    }
    link->accept();
    return std::make_shared<handler>(*this);
  }

  void on_http(dcrf::io_thread& thread, dcrf::http_request request,
               std::function<void(dcrf::http_response)> respond) override {
    if (!thread.runs_here()) {
      ++foreign;
    }
    if (request.scope.client != "127.0.0.1") {
      ++nameless;
    }
    respond(dcrf::http_response::with(200, "text/plain", std::to_string(thread.number())));
  }

  std::atomic<int> closed{0};
  std::atomic<int> foreign{0};
  std::atomic<int> nameless{0};
};

class blocking_client {
public:
  blocking_client() { socket_.open(tcp::v4()); }

  explicit blocking_client(std::uint16_t port) : blocking_client() { connect(port); }

  void connect(std::uint16_t port) {
    socket_.connect({net::ip::address_v4::loopback(), port});
    timeval timeout{20, 0}; // rather fail than hang
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  }

  void write(const std::string& bytes) { net::write(socket_, net::buffer(bytes)); }

  // Up to and with the mark, or to the end.
  std::string read_through(const std::string& mark) {
    std::string bytes;
    boost::system::error_code ec;
    while (!ec && !bytes.ends_with(mark)) {
      char byte = 0;
      if (net::read(socket_, net::buffer(&byte, 1), ec) == 1) {
        bytes += byte;
      }
    }
    return bytes;
  }

  // The one byte that the acceptor answers.
  std::string get() {
    write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    read_through("\r\n\r\n");
    char byte = 0;
    boost::system::error_code ec;
    net::read(socket_, net::buffer(&byte, 1), ec);
    return ec ? ec.message() : std::string{byte};
  }

  void open() {
    write("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    REQUIRE_THAT(read_through("\r\n\r\n"), Catch::StartsWith("HTTP/1.1 101 "));
  }

  // The socket at the other end, which is in this process, too.
  int peer() {
    for (int fd = 0; fd < 1000; ++fd) {
      sockaddr_in address{};
      socklen_t size = sizeof address;
      if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0
          && address.sin_family == AF_INET
          && ntohs(address.sin_port) == socket_.local_endpoint().port()) {
        return fd;
      }
    }
    return -1;
  }

private:
  net::io_context context_;
  tcp::socket socket_{context_};
};

struct fixture {
  fixture() {
    for (std::size_t i = 0; i < 2; ++i) {
      threads.push_back(std::make_unique<dcrf::io_thread>(system, i));
      threads.back()->start();
    }
  }

  ~fixture() {
    if (server) {
      shut_down();
    }
    for (auto& thread : threads) {
      thread->stop();
    }
  }

  dcrf::listener& serve(dcrf::connection_limits limits = {}) {
    server = make_listener(limits);
    REQUIRE_FALSE(server->listen("127.0.0.1", 0));
    REQUIRE(server->port() != 0);
    return *server;
  }

  std::unique_ptr<dcrf::listener> make_listener(dcrf::connection_limits limits = {}) {
    return std::make_unique<dcrf::listener>(std::vector{threads[0].get(), threads[1].get()},
                                            acceptor, limits);
  }

  void shut_down() {
    server->stop();
    std::promise<void> done;
    server->close_all(1001, [&done] { done.set_value(); });
    done.get_future().wait();
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  std::vector<std::unique_ptr<dcrf::io_thread>> threads;
  std::shared_ptr<simple_acceptor> acceptor = std::make_shared<simple_acceptor>();
  std::unique_ptr<dcrf::listener> server;
};

// Tells when something has been logged.
class waiting_sink : public spdlog::sinks::base_sink<std::mutex> {
public:
  void wait() { logged_.get_future().wait(); }

protected:
  void sink_it_(const spdlog::details::log_msg&) override {
    if (!std::exchange(is_logged_, true)) {
      logged_.set_value();
    }
  }
  void flush_() override {}

private:
  std::promise<void> logged_;
  bool is_logged_ = false;
};

// No file can be opened while this lives.
class no_descriptors {
public:
  no_descriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    auto first_free = dup(0);
    close(first_free);
    rlimit tight{static_cast<rlim_t>(first_free), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~no_descriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

} // namespace

TEST_CASE_METHOD(fixture, "connections go to the I/O threads in turn", "[listener]") {
  auto port = serve().port();
  std::multiset<std::string> numbers;
  for (int i = 0; i < 4; ++i) {
    numbers.insert(blocking_client{port}.get());
  }
  CHECK(numbers == std::multiset<std::string>{"0", "0", "1", "1"});
  CHECK(acceptor->foreign == 0);
}

TEST_CASE_METHOD(fixture, "what is sent on an accepted connection leaves at once", "[listener]") {
  blocking_client client{serve().port()};
  client.get();
  CHECK(acceptor->nameless == 0);
  int is_set = 0;
  socklen_t size = sizeof is_set;
  REQUIRE(getsockopt(client.peer(), IPPROTO_TCP, TCP_NODELAY, &is_set, &size) == 0);
  CHECK(is_set != 0);
}

TEST_CASE_METHOD(fixture, "what cannot be listened on is an error", "[listener]") {
  auto port = serve().port();
  auto second = make_listener();
  CHECK(second->listen("127.0.0.1", port) == std::errc::address_in_use);
  CHECK(second->port() == 0);
  CHECK(second->listen("not an address", 0) == std::errc::invalid_argument);
  CHECK(second->listen("192.0.2.1", 0) == std::errc::address_not_available);
  CHECK_FALSE(second->listen("127.0.0.1", 0)); // the failures leave nothing behind
}

TEST_CASE_METHOD(fixture, "the name of a host is an address", "[listener]") {
  auto named = make_listener();
  REQUIRE_FALSE(named->listen("localhost", 0));
  blocking_client client{named->port()};
  CHECK_FALSE(client.get().empty());
  CHECK(make_listener()->listen("no.such.host.invalid", 0));
  named->stop();
  std::promise<void> done;
  named->close_all(1001, [&done] { done.set_value(); });
  done.get_future().wait();
}

TEST_CASE_METHOD(fixture, "an address may be taken before it is listened on", "[listener]") {
  dcrf::bound_address taken;
  REQUIRE_FALSE(taken.bind("127.0.0.1", 0));
  auto first = make_listener();
  REQUIRE_FALSE(first->listen(std::move(taken)));
  CHECK_FALSE(blocking_client{first->port()}.get().empty());
  dcrf::bound_address second;
  CHECK(second.bind("127.0.0.1", first->port()) == std::errc::address_in_use);
  CHECK_FALSE(second.bind("127.0.0.1", 0));
  first->stop();
  std::promise<void> done;
  first->close_all(1001, [&done] { done.set_value(); });
  done.get_future().wait();
}

TEST_CASE_METHOD(fixture, "stopping frees the port", "[listener]") {
  auto& first = serve();
  auto port = first.port();
  first.stop();
  first.stop();
  CHECK(first.port() == 0);
  CHECK_THROWS(blocking_client{port});
  auto second = make_listener();
  CHECK_FALSE(second->listen("127.0.0.1", port));
}

TEST_CASE_METHOD(fixture, "all connections are closed, and waited for", "[listener]") {
  auto& listener = serve();
  std::vector<std::unique_ptr<blocking_client>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<blocking_client>(listener.port()));
    if (i % 2 == 0) {
      clients.back()->open();
    } else {
      clients.back()->get();
    }
  }
  CHECK(listener.connections() == 6);
  listener.stop();
  std::promise<void> done;
  listener.close_all(1001, [&done] { done.set_value(); });
  for (std::size_t i = 0; i < 6; i += 2) {
    CHECK(clients[i]->read_through("\xe9") == "\x88\x02\x03\xe9"); // close, 1001
    clients[i]->write("\x88\x82" + std::string(4, '\0') + "\x03\xe9");
  }
  for (auto& client : clients) {
    CHECK(client->read_through("the end").empty());
  }
  clients.clear();
  done.get_future().wait();
  CHECK(listener.connections() == 0);
  CHECK(acceptor->closed == 3);
}

TEST_CASE_METHOD(fixture, "many are closed one after the other, and told when to come back",
                 "[listener]") {
  auto& listener = serve();
  std::vector<std::unique_ptr<blocking_client>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<blocking_client>(listener.port()));
    clients.back()->open();
  }
  listener.stop();
  std::promise<void> done;
  auto begin = std::chrono::steady_clock::now();
  // Two threads with three connections each, of which the first is closed at once.
  listener.close_all({.code = 1012, .spread = 100ms, .return_within = 9s},
                     [&done] { done.set_value(); });
  for (auto& client : clients) {
    CHECK_THAT(client->read_through(" s"),
               Catch::Contains("\x03\xf4retry after ") && Catch::EndsWith(" s"));
    client->write("\x88\x82" + std::string(4, '\0') + "\x03\xf4");
  }
  CHECK(std::chrono::steady_clock::now() - begin >= 100ms);
  clients.clear();
  done.get_future().wait();
  CHECK(acceptor->closed == 6);
}

TEST_CASE_METHOD(fixture, "it is told when nobody is connected any more", "[listener]") {
  auto& listener = serve();
  std::promise<void> first;
  listener.when_empty([&first] { first.set_value(); });
  first.get_future().wait();
  std::optional<blocking_client> client{listener.port()};
  client->get();
  std::atomic<bool> is_empty = false;
  std::promise<void> second;
  listener.when_empty([&] {
    is_empty = true;
    second.set_value();
  });
  CHECK_FALSE(is_empty);
  client.reset();
  second.get_future().wait();
  blocking_client{listener.port()}.get(); // others are let in
}

TEST_CASE_METHOD(fixture, "more connections than allowed wait for their turn", "[listener]") {
  dcrf::connection_limits limits;
  limits.max_connections = 2;
  auto& listener = serve(limits);
  auto first = std::make_unique<blocking_client>(listener.port());
  CHECK_FALSE(first->get().empty());
  blocking_client second{listener.port()};
  CHECK_FALSE(second.get().empty());
  blocking_client third{listener.port()}; // in the kernel's queue
  third.write("GET / HTTP/1.0\r\n\r\n");
  CHECK(listener.connections() <= 2);
  first.reset();
  CHECK_THAT(third.read_through("\r\n\r\n"), Catch::StartsWith("HTTP/1.1 200 OK"));
}

// The sanitizers' runtime opens a pipe to look at memory, and reports what it cannot look at.
#ifndef __SANITIZE_ADDRESS__

TEST_CASE_METHOD(fixture, "running out of file descriptors is survived", "[listener]") {
  auto sink = std::make_shared<waiting_sink>();
  auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  auto port = serve().port(); // the thread knows of the logger with the first job that it gets
  blocking_client client;     // has its descriptor; the server's end has none
  {
    no_descriptors none;
    client.connect(port);
    sink->wait();
  }
  CHECK(client.get().size() == 1);
  CHECK(blocking_client{port}.get().size() == 1);
  spdlog::set_default_logger(before);
}

#endif

} // namespace listener_tests
