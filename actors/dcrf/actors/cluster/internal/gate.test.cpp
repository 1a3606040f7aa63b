#include "dcrf/actors/cluster/internal/gate.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <vector>

namespace gate_tests {

using dcrf::cluster::gate;
using dcrf::cluster::host_and_port;

namespace {

using tcp = boost::asio::ip::tcp;

struct fixture {
  fixture() {
    port = *first.listen({"127.0.0.1", 0});
    first.open([this](int descriptor) {
      ++let_in;
      came.set_value(descriptor);
    });
    REQUIRE(second.listen({"127.0.0.1", 0}));
    second.open([](int descriptor) { ::close(descriptor); });
  }

  tcp::socket stranger(std::string_view says) {
    tcp::socket result{context};
    result.connect({boost::asio::ip::address_v4::loopback(), port});
    boost::asio::write(result, boost::asio::buffer(says.data(), says.size()));
    return result;
  }

  // Waits for the end of a connection, whatever comes before.
  static void wait_for_end(tcp::socket& x) {
    std::vector<char> bytes;
    boost::system::error_code ec;
    boost::asio::read(x, boost::asio::dynamic_buffer(bytes), ec);
    CHECK(ec);
  }

  boost::asio::io_context context;
  dcrf::cluster_options options;
  // Before the gates, whose threads use them.
  std::atomic<int> let_in{0};
  std::promise<int> came;
  gate first{options};
  gate second{options};
  std::uint16_t port = 0;
};

} // namespace

TEST_CASE_METHOD(fixture, "a node gets through the gate of another one", "[gate]") {
  auto here = second.connect({"127.0.0.1", port});
  REQUIRE(here);
  auto there = came.get_future().get();
  std::array<char, 4> bytes{};
  REQUIRE(::write(*here, "ping", 4) == 4);
  REQUIRE(::read(there, bytes.data(), 4) == 4);
  CHECK(std::string_view{bytes.data(), 4} == "ping");
  ::close(*here);
  CHECK(::read(there, bytes.data(), 4) == 0);
  ::close(there);
}

TEST_CASE_METHOD(fixture, "what is no node does not get through", "[gate]") {
  using namespace std::literals;
  auto says = GENERATE("GET / HTTP/1.1\r\n\r\n"s, "dcrf link 2\n"s, std::string(100'000, '\0'),
                       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1"s);
  auto peer = stranger(says);
  wait_for_end(peer);
  CHECK(let_in == 0);
  CHECK(second.connect({"127.0.0.1", port}));
  ::close(came.get_future().get());
}

TEST_CASE_METHOD(fixture, "of many that say nothing the oldest make room", "[gate]") {
  std::vector<tcp::socket> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(stranger(""));
  }
  wait_for_end(silent.front());
  CHECK(second.connect({"127.0.0.1", port}));
  ::close(came.get_future().get());
  CHECK(let_in == 1);
}

TEST_CASE_METHOD(fixture, "who can't be reached is told", "[gate]") {
  tcp::acceptor closed{context, {boost::asio::ip::address_v4::loopback(), 0}};
  auto nobody = closed.local_endpoint().port();
  closed.close();
  CHECK_FALSE(second.connect({"127.0.0.1", nobody}));
  second.close();
  CHECK_FALSE(second.connect({"127.0.0.1", port}));
}

TEST_CASE_METHOD(fixture, "closing gives up connecting", "[gate]") {
  // It takes connections, and says nothing.
  tcp::acceptor silent{context, {boost::asio::ip::address_v4::loopback(), 0}};
  auto trying = std::async(std::launch::async, [&] {
    return second.connect({"127.0.0.1", silent.local_endpoint().port()}).engaged();
  });
  auto peer = silent.accept();
  second.close();
  CHECK_FALSE(trying.get());
}

TEST_CASE("who has said nothing is let go with its gate", "[gate]") {
  boost::asio::io_context context;
  tcp::socket silent{context};
  {
    dcrf::cluster_options options;
    gate x{options};
    auto port = x.listen({"127.0.0.1", 0});
    REQUIRE(port);
    x.open([](int descriptor) { ::close(descriptor); });
    silent.connect({boost::asio::ip::address_v4::loopback(), *port});
    // It has been taken when the gate greets it.
    std::array<char, 1> byte{};
    REQUIRE(boost::asio::read(silent, boost::asio::buffer(byte)) == 1);
  }
  timeval deadline{10, 0};
  ::setsockopt(silent.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
  std::array<char, 256> rest{};
  ssize_t size = 0;
  do {
    size = ::recv(silent.native_handle(), rest.data(), rest.size(), 0);
  } while (size > 0);
  CHECK(size == 0);
}

TEST_CASE("a gate does not open with certificates that can't be read", "[gate]") {
  dcrf::cluster_options options;
  options.certificate = options.key = options.authority = "/nowhere.pem";
  gate x{options};
  CHECK_THAT(x.load(), Catch::Contains("/nowhere.pem can't be used"));
}

} // namespace gate_tests
