#include "dcrf/actors/net/internal/websocket_connection.hpp"

#include "dcrf/actors/net/internal/testing.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace websocket_connection_tests {

using namespace dcrf::testing;
using namespace std::chrono_literals;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr int continuation = 0;
constexpr int binary = 2;
constexpr int close_op = 8;
constexpr int ping_op = 9;
constexpr int pong_op = 10;

struct fixture : transport_fixture {
  // The code that the session is told when its connection ends.
  unsigned closed_with() {
    run_until([this] { return !echo->closed.empty(); });
    run_ready();
    CHECK(echo->closed.size() == 1);
    return echo->closed.front();
  }

  std::string text_between_pings(test_client& peer) {
    server_frame frame;
    do {
      frame = peer.read_frame();
    } while (frame.opcode == ping_op);
    return frame.payload;
  }

  // The code of the close frame that comes next; the frame is answered and the connection ended.
  unsigned answer_close(test_client& peer) {
    auto frame = peer.read_frame();
    CHECK(frame.opcode == close_op);
    peer.write(close_frame(frame.code()));
    peer.wait_for_end();
    peer.socket().close();
    return frame.code();
  }
};

} // namespace

// -- the handshake --------------------------------------------------------------------------------

TEST_CASE_METHOD(fixture, "a handshake is accepted, and frames are echoed", "[websocket]") {
  auto peer = client();
  peer.write(handshake("/echo?room=1", "Cookie: s=1\r\n"));
  CHECK_THAT(peer.read_through("\r\n\r\n"), Contains("Server: dcrf\r\n"));
  CHECK(echo->scopes.at(0).path == "/echo");
  CHECK(echo->scopes.at(0).query_string == "room=1");
  for (std::size_t size : {0, 1, 125, 126, 511, 512, 513, 4096, 65535, 65536, 400'000}) {
    std::string payload(size, 'p');
    peer.write(text(payload));
    CHECK(peer.read_text() == payload);
  }
  peer.write(client_frame(binary, "bytes \xff"));
  CHECK(peer.read_text() == "binary bytes \xff");
  peer.write(text("shared"));
  CHECK(peer.read_text() == std::string(10'000, 's') + "tail");
}

TEST_CASE_METHOD(fixture, "a session may send and close in the same turn as it accepts",
                 "[websocket]") {
  auto peer = client();
  peer.open("/greeting-and-bye");
  CHECK(peer.read_text() == "welcome");
  CHECK(answer_close(peer) == 4002);
  CHECK(closed_with() == 4002);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a session may send bytes", "[websocket]") {
  auto peer = client();
  peer.open();
  peer.write(text("bytes"));
  auto frame = peer.read_frame();
  CHECK(frame.opcode == binary);
  CHECK(frame.payload == std::string{"\0\xff", 2});
}

TEST_CASE_METHOD(fixture, "the subprotocol that a session chooses is told", "[websocket]") {
  auto peer = client();
  peer.write(handshake("/protocol", "Sec-WebSocket-Protocol: v1, v2\r\n"));
  CHECK_THAT(peer.read_through("\r\n\r\n"), Contains("Sec-WebSocket-Protocol: v2\r\n"));
  auto other = client();
  other.write(handshake("/echo", "Sec-WebSocket-Protocol: v1, v2\r\n"));
  CHECK_THAT(other.read_through("\r\n\r\n"), !Contains("Sec-WebSocket-Protocol"));
}

TEST_CASE_METHOD(fixture, "a path may have a size of messages of its own", "[websocket]") {
  auto peer = client();
  peer.open("/short");
  peer.write(text(std::string(1000, 'x')));
  CHECK(peer.read_text().size() == 1000);
  peer.write(text(std::string(1001, 'x')));
  auto frame = peer.read_frame();
  CHECK(frame.opcode == close_op);
  CHECK(frame.code() == 1009);
}

TEST_CASE_METHOD(fixture, "an unknown path is answered with 404", "[websocket]") {
  auto peer = client();
  peer.write(handshake("/nowhere"));
  CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 404 Not Found\r\n") && Contains("Not found."));
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a session may refuse, at once or later", "[websocket]") {
  auto peer = client();
  SECTION("at once") {
    peer.write(handshake("/refused"));
    CHECK_THAT(peer.read_all(),
               StartsWith("HTTP/1.1 401 Unauthorized\r\n") && Contains("Who are you?"));
  }
  SECTION("later") {
    peer.write(handshake("/wait"));
    run_until([this] { return echo->last != nullptr; });
    echo->last->refuse(dcrf::http_response::detail(403, "No."));
    CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  }
  SECTION("by closing") {
    peer.write(handshake("/wait"));
    run_until([this] { return echo->last != nullptr; });
    echo->last->close(4000);
    CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  }
  SECTION("because the server stops") {
    peer.write(handshake("/wait"));
    run_until([this] { return echo->last != nullptr; });
    registry().close_all({});
    CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  }
  peer.socket().close();
  CHECK(closed_with() == 1006);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a session may accept later", "[websocket]") {
  auto peer = client();
  peer.write(handshake("/wait"));
  run_until([this] { return echo->last != nullptr; });
  echo->last->accept();
  echo->last->accept();
  CHECK_THAT(peer.read_through("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  peer.write(text("hello"));
  CHECK(peer.read_text() == "hello");
}

TEST_CASE_METHOD(fixture, "a handshake that is never answered ends in time", "[websocket]") {
  limits.handshake_timeout = 30ms;
  auto peer = client();
  peer.write(handshake("/wait"));
  CHECK(peer.read_all().empty());
  CHECK(closed_with() == 1006);
  check_no_leak();
}

// -- frames ---------------------------------------------------------------------------------------

TEST_CASE_METHOD(fixture, "the fragments of a message are put together", "[websocket]") {
  auto peer = client();
  peer.open();
  std::string all;
  peer.write(client_frame(1, "", false));
  for (std::size_t size : {3, 511, 1, 5000, 0, 70'000}) {
    std::string part(size, static_cast<char>('a' + size % 26));
    all += part;
    peer.write(client_frame(continuation, part, false));
    peer.write(client_frame(ping_op, "between"));
  }
  peer.write(client_frame(continuation, "", true));
  peer.write(text("next"));
  for (int i = 0; i < 6; ++i) {
    CHECK(peer.read_frame().opcode == pong_op);
  }
  CHECK(peer.read_text() == all);
  CHECK(peer.read_text() == "next");
}

TEST_CASE_METHOD(fixture, "frames may come byte by byte", "[websocket]") {
  auto peer = client();
  peer.open();
  for (char byte : text("slow") + text(std::string(200, 'x'))) {
    peer.write({&byte, 1});
    run_ready();
  }
  CHECK(peer.read_text() == "slow");
  CHECK(peer.read_text() == std::string(200, 'x'));
}

TEST_CASE_METHOD(fixture, "pongs come in their place among the replies", "[websocket]") {
  auto peer = client();
  peer.open();
  peer.write(text("1") + client_frame(ping_op, "p1") + text("2") + client_frame(ping_op, "p2")
             + text("3"));
  std::string seen;
  for (int i = 0; i < 5; ++i) {
    auto frame = peer.read_frame();
    seen += (frame.opcode == pong_op ? "pong " : "text ") + frame.payload + ", ";
  }
  CHECK(seen == "text 1, pong p1, text 2, pong p2, text 3, ");
}

TEST_CASE_METHOD(fixture, "replies to pipelined frames leave in few sends", "[websocket]") {
  auto common = std::make_shared<listener_state>(echo, limits);
  auto own = std::make_shared<connection_registry>(thread, common);
  auto [server, raw] = connect();
  auto socket = std::make_shared<coalescing_socket>(std::move(server), thread, limits.outbox_size,
                                                    limits.close_timeout, own->timeouts());
  websocket_connection::handshake request{beast::http::verb::get, "/echo", 11};
  request.set("Host", "example.org");
  request.set("Upgrade", "websocket");
  request.set("Connection", "upgrade");
  request.set("Sec-WebSocket-Version", "13");
  request.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  dcrf::scope scope;
  scope.path = "/echo";
  std::make_shared<websocket_connection>(own, common->join(), socket, std::move(request))
      ->start(scope);
  test_client peer{*this, std::move(raw)};
  peer.read_through("\r\n\r\n");
  auto before = socket->sends();
  std::string frames;
  for (int i = 0; i < 16; ++i) {
    frames += text("request " + std::to_string(i));
  }
  peer.write(frames);
  for (int i = 0; i < 16; ++i) {
    CHECK(peer.read_text() == "request " + std::to_string(i));
  }
  CHECK(socket->sends() - before <= 2);
  peer.socket().close();
  closed_with();
}

TEST_CASE_METHOD(fixture, "frames that break the protocol end the connection", "[websocket]") {
  limits.message_size = 100'000;
  auto [frame, code] = GENERATE_COPY(table<std::string, unsigned>({
      {text(std::string(100'001, 'x')), 1009},
      {client_frame(1, std::string(60'000, 'x'), false)
           + client_frame(continuation, std::string(60'000, 'x')),
       1009},
      {text("\xff\xfe"), 1007},
      {text("\xc3"), 1007},
      {client_frame(continuation, "nothing to continue"), 1002},
      {client_frame(1, "a", false) + text("b"), 1002},
      {client_frame(3, "reserved"), 1002},
      {client_frame(ping_op, std::string(126, 'x')), 1002},
      {client_frame(ping_op, "a", false), 1002},
      {close_frame(0), 1002},
      {close_frame(999), 1002},
      {close_frame(1004), 1002},
      {close_frame(1005), 1002},
      {close_frame(1006), 1002},
      {close_frame(1015), 1002},
      {close_frame(1016), 1002},
      {close_frame(2999), 1002},
      {close_frame(5000), 1002},
      {close_frame(65535), 1002},
      {client_frame(close_op, "\x03\xe8\xff"), 1002}, // a reason that is no UTF-8
      {client_frame(close_op, "x"), 1002},
      {std::string{"\x81\x01x", 3}, 1002}, // not masked
  }));
  auto peer = client();
  peer.open();
  peer.write(text("good") + frame + text("ignored"));
  CHECK(peer.read_text() == "good");
  auto last = peer.read_frame();
  CHECK(last.opcode == close_op);
  CHECK(last.code() == code);
  CHECK(peer.read_all().empty());
  peer.socket().close();
  CHECK(closed_with() == 1006);
  CHECK(echo->frames == 1);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a message of the largest size is taken", "[websocket]") {
  auto peer = client();
  peer.open();
  std::string payload(limits.message_size, 'x');
  peer.write(text(payload));
  CHECK(peer.read_text() == payload);
}

TEST_CASE_METHOD(fixture, "a paused session gets nothing until it resumes", "[websocket]") {
  auto peer = client();
  peer.open();
  peer.write(text("pause") + text("1") + text(std::string(2000, '2')) + client_frame(ping_op, "p"));
  run_until([this] { return echo->frames == 1; });
  for (int i = 0; i < 20; ++i) {
    run_ready();
  }
  CHECK(echo->frames == 1);
  echo->last->resume_reading();
  CHECK(peer.read_text() == "1");
  CHECK(peer.read_text() == std::string(2000, '2'));
  CHECK(peer.read_frame().opcode == pong_op);
}

TEST_CASE_METHOD(fixture, "a frame that has come when a session pauses is held back",
                 "[websocket]") {
  auto peer = client();
  peer.open();
  peer.write(text("1"));
  CHECK(peer.read_text() == "1");
  echo->last->pause_reading(); // while a read is under way
  peer.write(text("held"));
  for (int i = 0; i < 20; ++i) {
    run_ready();
  }
  CHECK(echo->frames == 1);
  echo->last->resume_reading();
  CHECK(echo->frames == 1); // not from within the call
  CHECK(peer.read_text() == "held");
  peer.write(text("after"));
  CHECK(peer.read_text() == "after");
}

// -- the end --------------------------------------------------------------------------------------

TEST_CASE_METHOD(fixture, "a client closes, and its code reaches the session", "[websocket]") {
  auto peer = client();
  peer.open();
  peer.write(text("last words"));
  auto [frame, echoed, told] = GENERATE(table<std::string, unsigned, unsigned>({
      {close_frame(4001), 4001, 4001},
      {close_frame(1000), 1000, 1000},
      {client_frame(close_op, ""), 1000, 1005},
  }));
  peer.write(frame + text("too late"));
  CHECK(peer.read_text() == "last words");
  auto last = peer.read_frame();
  CHECK(last.opcode == close_op);
  CHECK(last.code() == echoed);
  peer.wait_for_end();
  peer.socket().close();
  CHECK(closed_with() == told);
  CHECK(echo->frames == 1);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a close is answered at once, and the socket ends after the session",
                 "[websocket]") {
  echo->ends_later = true;
  SECTION("if the session ends in time") {}
  SECTION("at last without it") { limits.close_timeout = 100ms; }
  auto peer = client();
  peer.open();
  auto [frame, answer] = GENERATE(table<std::string, unsigned>({
      {close_frame(4001), 4001},
      {text("\xff"), 1007},
  }));
  peer.write(frame);
  auto last = peer.read_frame();
  CHECK(last.opcode == close_op);
  CHECK(last.code() == answer);
  CHECK(echo->closed.size() == 1);
  if (limits.close_timeout > 1s) {
    for (int i = 0; i < 20; ++i) {
      run_ready();
    }
    CHECK_FALSE(peer.at_end());
    echo->last->close(1000);
  }
  peer.wait_for_end();
  echo->last->close(1000);
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a session closes after what it has sent", "[websocket]") {
  auto peer = client();
  peer.open();
  peer.write(text("1") + text("close") + text("ignored"));
  CHECK(peer.read_text() == "1");
  auto frame = peer.read_frame();
  CHECK(frame.opcode == close_op);
  CHECK(frame.code() == 4001);
  CHECK(frame.payload.substr(2) == "bye");
  echo->last->send("dropped");
  echo->last->close(1000);
  peer.write(text("ignored too") + close_frame(4003));
  CHECK(peer.read_all().empty());
  peer.socket().close();
  CHECK(closed_with() == 4003);
  CHECK(echo->frames == 2);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "both sides may close at once", "[websocket]") {
  auto peer = client();
  peer.open();
  echo->last->close(4001);
  peer.write(close_frame(4002));
  auto frame = peer.read_frame();
  CHECK(frame.opcode == close_op);
  CHECK(frame.code() == 4001);
  peer.wait_for_end();
  peer.socket().close();
  CHECK(closed_with() == 4002);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a paused session may close", "[websocket]") {
  auto peer = client();
  peer.open();
  peer.write(text("pause") + text("unread"));
  run_until([this] { return echo->frames == 1; });
  echo->last->close(4004);
  CHECK(answer_close(peer) == 4004);
  CHECK(closed_with() == 4004);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a long reason is cut between two characters", "[websocket]") {
  auto peer = client();
  peer.open();
  std::string reason(122, 'r');
  echo->last->close(4000, reason + "\xc3\xa9");
  auto frame = peer.read_frame();
  CHECK(frame.payload.substr(2) == reason);
  peer.write(close_frame(4000));
  peer.socket().close();
  closed_with();
}

TEST_CASE_METHOD(fixture, "a peer that does not answer a close is left", "[websocket]") {
  limits.close_timeout = 30ms;
  auto peer = client();
  peer.open();
  SECTION("when the session closes") {
    peer.write(text("close"));
    CHECK(peer.read_frame().opcode == close_op);
  }
  SECTION("when the protocol was broken") {
    peer.write(text("\xff"));
    CHECK(peer.read_frame().opcode == close_op);
  }
  CHECK(closed_with() == 1006);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a peer that keeps its socket after the close frames is left",
                 "[websocket]") {
  limits.close_timeout = 100ms;
  auto peer = client();
  peer.open();
  peer.write(text("close"));
  CHECK(peer.read_frame().opcode == close_op);
  peer.write(close_frame(4001));
  CHECK(closed_with() == 4001);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a peer that vanishes is noticed", "[websocket]") {
  auto peer = client();
  peer.open();
  SECTION("by its end of the stream") { peer.socket().close(); }
  SECTION("by a reset") {
    peer.socket().set_option(net::socket_base::linger{true, 0});
    peer.socket().close();
  }
  SECTION("by half of a frame and the end") {
    peer.write(text("whole").substr(0, 5));
    peer.socket().close();
  }
  CHECK(closed_with() == 1006);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a silent peer is pinged, and left if it stays silent", "[websocket]") {
  limits.ping_interval = 100ms;
  auto peer = client();
  peer.open();
  SECTION("one that answers stays") {
    for (int i = 0; i < 4; ++i) {
      auto frame = peer.read_frame();
      CHECK(frame.opcode == ping_op);
      peer.write(client_frame(pong_op, frame.payload));
    }
    CHECK(echo->closed.empty());
    peer.write(text("still here"));
    CHECK(text_between_pings(peer) == "still here");
  }
  SECTION("one that is half-open goes") {
    CHECK(peer.read_frame().opcode == ping_op);
    CHECK(closed_with() == 1006);
    check_no_leak();
  }
  SECTION("one whose session does not read stays") {
    peer.write(text("pause"));
    for (int i = 0; i < 4; ++i) {
      CHECK(peer.read_frame().opcode == ping_op);
    }
    CHECK(echo->closed.empty());
    echo->last->resume_reading();
    peer.write(text("still here"));
    CHECK(text_between_pings(peer) == "still here");
  }
}

TEST_CASE_METHOD(fixture,
                 "a peer that vanishes while its session does not read is noticed by pings",
                 "[websocket]") {
  limits.ping_interval = 20ms;
  auto peer = client();
  peer.open();
  peer.write(text("pause"));
  run_until([this] { return echo->frames == 1; });
  peer.socket().set_option(net::socket_base::linger{true, 0});
  peer.socket().close();
  CHECK(closed_with() == 1006);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a client that does not read gets 1013", "[websocket]") {
  limits.outbox_size = 256 * 1024;
  limits.close_timeout = GENERATE(5s, 1s);
  auto peer = client(4096);
  peer.open();
  peer.write(text("flood"));
  if (limits.close_timeout == 5s) {
    server_frame frame;
    std::size_t texts = 0;
    while ((frame = peer.read_frame()).opcode == 1) {
      CHECK(frame.payload.size() == 64 * 1024);
      ++texts;
    }
    CHECK(texts > 0);
    CHECK(texts < 300);
    CHECK(frame.opcode == close_op);
    CHECK(frame.code() == 1013);
    peer.write(close_frame(1013));
    peer.wait_for_end();
    peer.socket().close();
    CHECK(closed_with() == 1013);
  } else {
    CHECK(closed_with() == 1006); // not read, not answered
  }
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a session that waits for a slow client loses nothing", "[websocket]") {
  limits.outbox_size = 256 * 1024;
  auto peer = client(4096);
  peer.open();
  peer.write(text("fill"));
  run_until([this] { return echo->sent > 0; });
  for (int i = 0; i < 20; ++i) {
    run_ready();
  }
  CHECK(echo->drained == 0);
  for (std::size_t i = 0; i < echo->sent; ++i) {
    auto frame = peer.read_frame();
    REQUIRE(frame.opcode == 1);
    REQUIRE(frame.payload.size() == 4096);
  }
  run_until([this] { return echo->drained == 1; });
  peer.write(text("still here"));
  CHECK(peer.read_frame().payload == "still here");
}

TEST_CASE_METHOD(fixture, "a client that reads a little at a time stays", "[websocket]") {
  limits.ping_interval = 200ms;
  auto peer = client(4096);
  peer.open();
  peer.write(text("fill") + text("pause"));
  run_until([this] { return echo->frames == 2; });
  for (int i = 0; i < 40; ++i) {
    REQUIRE(peer.read_frame().payload.size() == 4096);
    auto until = std::chrono::steady_clock::now() + 20ms;
    run_until([until] { return std::chrono::steady_clock::now() > until; });
  }
  CHECK(echo->closed.empty());
}

TEST_CASE_METHOD(fixture, "a client that takes nothing of what waits for it is left",
                 "[websocket]") {
  limits.ping_interval = 100ms;
  auto peer = client(4096);
  peer.open();
  peer.write(text("fill") + text("pause"));
  run_until([this] { return echo->frames == 2; });
  CHECK(closed_with() == 1006);
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a client that sends pings and reads no pongs is not read from",
                 "[websocket]") {
  limits.outbox_size = 4096;
  auto peer = client(4096);
  peer.open();
  std::string pings;
  for (int i = 0; i < 1000; ++i) {
    pings += client_frame(ping_op, std::string(125, 'p'));
  }
  // Both directions fill up; with an unbounded outbox this would never end.
  std::size_t written = 0;
  std::size_t idle_turns = 0;
  while (idle_turns < 50) {
    error_code ec;
    auto size = peer.socket().write_some(net::buffer(pings), ec);
    written += size;
    idle_turns = size == 0 ? idle_turns + 1 : 0;
    pings = pings.substr(size) + pings.substr(0, size);
    run_ready();
    REQUIRE(written < 200'000'000);
  }
  peer.socket().close();
  closed_with();
  check_no_leak();
}

TEST_CASE_METHOD(fixture, "a session that drops its connection does not leak it", "[websocket]") {
  limits.handshake_timeout = 30ms;
  auto peer = client();
  peer.write(handshake("/wait"));
  run_until([this] { return echo->last != nullptr; });
  std::weak_ptr<dcrf::connection> link = echo->last;
  check_no_leak();
  run_until([&link] { return link.expired(); });
}

TEST_CASE_METHOD(fixture, "stopping closes with the code of the server", "[websocket]") {
  auto peer = client();
  peer.open();
  registry().close_all({});
  CHECK(echo->stops == 1);
  CHECK(answer_close(peer) == 1001);
  CHECK(closed_with() == 1001);
  check_no_leak();
}

// -- permessage-deflate ---------------------------------------------------------------------------

namespace {

constexpr int compressed_text = 0x41;
constexpr auto offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

struct deflate_fixture : fixture {
  // RFC 7692, section 7.2.3.1.
  const std::string hello{"\xf2\x48\xcd\xc9\xc9\x07\x00", 7};
  // 100,000 times "x".
  const std::string bomb =
      std::string{"\xec\xc1\x31\x01\x00\x00\x00\xc2\xa0\xda\x8b\x6f\x0d\x0f\xa0", 15}
      + std::string(96, '\0') + "\x80\x57\x03";

  test_client compressed() {
    auto peer = client();
    peer.write(handshake("/compressed", offer));
    CHECK_THAT(peer.read_through("\r\n\r\n"),
               Contains("Sec-WebSocket-Extensions: permessage-deflate"));
    CHECK(peer.read_text() == "welcome"); // sent in the turn of the answer
    return peer;
  }
};

} // namespace

TEST_CASE_METHOD(deflate_fixture, "messages are compressed both ways where it is offered",
                 "[websocket]") {
  auto peer = compressed();
  peer.write(client_frame(compressed_text, hello));
  auto frame = peer.read_frame();
  CHECK(frame.opcode == 1);
  CHECK(frame.payload == hello);
  peer.write(client_frame(compressed_text, hello.substr(0, 3), false)
             + client_frame(ping_op, "between") + client_frame(continuation, hello.substr(3)));
  CHECK(peer.read_frame().opcode == pong_op);
  CHECK(peer.read_frame().payload.size() <= hello.size()); // the window is kept
  peer.write(text("plain"));
  CHECK(peer.read_frame().opcode == 1);
  peer.write(client_frame(compressed_text, std::string(1, '\0')));
  CHECK(peer.read_frame().opcode == 1);
}

TEST_CASE_METHOD(deflate_fixture, "short messages are not worth compressing", "[websocket]") {
  echo->compression.smallest_message = 6;
  auto peer = compressed();
  peer.write(client_frame(compressed_text, hello));
  CHECK(peer.read_text() == "Hello");
}

TEST_CASE_METHOD(deflate_fixture, "what inflates beyond all bounds is refused", "[websocket]") {
  auto [payload, code] = GENERATE_COPY(table<std::string, unsigned>({
      {bomb, 1009},
      {"\xff\xff\xff", 1007},
  }));
  auto peer = compressed();
  peer.write(client_frame(compressed_text, payload));
  auto frame = peer.read_frame();
  CHECK(frame.opcode == close_op);
  CHECK(frame.code() == code);
  CHECK(peer.read_all().empty());
  peer.socket().close();
  CHECK(closed_with() == 1006);
  check_no_leak();
}

TEST_CASE_METHOD(deflate_fixture, "who does not ask for compression gets none", "[websocket]") {
  auto peer = client();
  auto path = GENERATE("/compressed", "/echo");
  peer.write(handshake(path, std::string_view{path} == "/echo" ? offer : ""));
  CHECK_THAT(peer.read_through("\r\n\r\n"), !Contains("Sec-WebSocket-Extensions"));
  peer.write(client_frame(compressed_text, hello));
  server_frame frame;
  do {
    frame = peer.read_frame();
  } while (frame.opcode == 1);
  CHECK(frame.opcode == close_op);
  CHECK(frame.code() == 1002);
}

} // namespace websocket_connection_tests
