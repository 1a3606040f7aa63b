#include "dcrf/actors/net/internal/coalescing_stream.hpp"

#include "dcrf/actors/net/internal/testing.hpp"

#include <catch2/catch.hpp>

namespace coalescing_stream_tests {

using namespace dcrf::testing;
using namespace std::chrono_literals;

namespace {

struct fixture : test_loop {
  static constexpr std::size_t bound = 100'000;

  ~fixture() { socket->abort(); }

  // Queues more than the kernel takes; the client does not read.
  std::string fill() {
    std::string all;
    for (int i = 0; socket->queued() < bound; ++i) {
      std::string piece(10'000, static_cast<char>('a' + i % 26));
      all += piece;
      socket->append(std::string_view{piece});
      socket->flush();
    }
    return all;
  }

  std::pair<tcp_socket, tcp_socket> ends = connect(4096);
  deadlines timeouts{thread};
  std::shared_ptr<coalescing_socket> socket =
      std::make_shared<coalescing_socket>(std::move(ends.first), thread, bound, 200ms, timeouts);
  test_client client{*this, std::move(ends.second)};
};

} // namespace

TEST_CASE_METHOD(fixture, "what is written in one turn leaves in one send", "[coalescing]") {
  for (int i = 0; i < 16; ++i) {
    socket->append(std::string_view{"reply "});
  }
  CHECK(socket->sends() == 0);
  run_ready();
  CHECK(socket->sends() == 1);
  CHECK(client.read_exactly(16 * 6).size() == 96);
  CHECK(socket->queued() == 0);
}

TEST_CASE_METHOD(fixture, "a turn lasts while handlers of the loop add to it", "[coalescing]") {
  int left = 10;
  std::function<void()> reply = [&] {
    socket->append(std::string_view{"x"});
    if (--left > 0) {
      net::post(thread.context(), reply);
    }
  };
  net::post(thread.context(), reply);
  run_ready();
  CHECK(left == 0);
  CHECK(socket->sends() == 1);
}

TEST_CASE_METHOD(fixture, "what the kernel does not take at once leaves later, in order",
                 "[coalescing]") {
  auto all = fill();
  socket->append(std::string(50'000, 'z'));
  socket->append(std::string_view{"end"});
  all += std::string(50'000, 'z') + "end";
  CHECK(socket->queued() > 0);
  CHECK(client.read_exactly(all.size()) == all);
  CHECK(socket->queued() == 0);
}

TEST_CASE_METHOD(fixture, "writes of Beast complete at once below the bound, and wait at it",
                 "[coalescing]") {
  coalescing_stream stream{socket};
  auto write = [&stream](bool& done) {
    stream.async_write_some(net::buffer("pong", 4), [&done](error_code ec, std::size_t size) {
      CHECK_FALSE(ec);
      CHECK(size == 4);
      done = true;
    });
    CHECK_FALSE(done);
  };
  bool below = false;
  write(below);
  run_ready();
  CHECK(below);
  auto all = "pong" + fill();
  bool above = false;
  write(above);
  for (int i = 0; i < 20; ++i) {
    run_ready();
  }
  CHECK_FALSE(above);
  CHECK(client.read_exactly(all.size() + 4) == all + "pong");
  run_until([&above] { return above; });
}

TEST_CASE_METHOD(fixture, "finishing sends what is queued, then waits for the peer",
                 "[coalescing]") {
  auto all = fill();
  std::optional<error_code> result;
  socket->finish([&](error_code ec) { result = ec; });
  socket->append(std::string_view{"too late"});
  client.write("still talking");
  CHECK(client.read_all() == all);
  CHECK_FALSE(result);
  client.socket().shutdown(tcp_socket::shutdown_send);
  run_until([&] { return result.has_value(); });
  CHECK_FALSE(*result);
}

TEST_CASE_METHOD(fixture, "finishing does not wait for ever", "[coalescing]") {
  auto is_reading = GENERATE(false, true);
  if (!is_reading) {
    fill();
  }
  std::optional<error_code> result;
  socket->finish([&](error_code ec) { result = ec; });
  run_until([&] { return result.has_value(); });
  CHECK(*result == net::error::timed_out);
}

TEST_CASE_METHOD(fixture, "who waits is told when the connection breaks", "[coalescing]") {
  fill();
  std::optional<error_code> result;
  socket->when_below(1, [&](error_code ec) { result = ec; });
  client.socket().set_option(net::socket_base::linger{true, 0}); // closing resets the connection
  client.socket().close();
  run_until([&] { return result.has_value(); });
  CHECK(*result);
  CHECK(socket->queued() == 0);
  socket->append(std::string_view{"into the void"});
  CHECK(socket->queued() == 0);
}

TEST_CASE_METHOD(fixture, "aborting calls whoever waits, once", "[coalescing]") {
  fill();
  int calls = 0;
  socket->when_below(1, [&](error_code ec) { calls += ec ? 1 : 100; });
  socket->finish([&](error_code ec) { calls += ec ? 10 : 100; });
  socket->abort();
  socket->abort();
  CHECK(calls == 0); // through the loop
  run_ready();
  CHECK(calls == 11);
}

} // namespace coalescing_stream_tests
