// Messages that are no requests, and what a consumer says of the connection itself.

#include "dcrf/testing/test_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace messages_tests {

using dcrf::json;
using dcrf::task;

namespace {

// Answers binary messages, and requests.
class measuring_consumer : public dcrf::api_consumer<measuring_consumer> {
public:
  using throttles = dcrf::throttles<dcrf::connection_rate<"3/min">>;

  task<> received_bytes(std::string bytes) override {
    if (bytes == "bad") {
      throw dcrf::parse_error("Bad bytes.");
    }
    send_bytes("got " + bytes);
    co_return;
  }

  dcrf::response ping() { return dcrf::response::ok(); }

  using actions = dcrf::actions<dcrf::action<"ping", &measuring_consumer::ping>>;
};

class echo_consumer : public dcrf::api_consumer<echo_consumer> {
public:
  task<> received_text(std::string text) override {
    send_text(std::move(text));
    return {};
  }
  task<> received_bytes(std::string bytes) override {
    send_bytes(std::move(bytes));
    return {};
  }
};

class plain_consumer : public dcrf::api_consumer<plain_consumer> {};

class choosy_consumer : public dcrf::api_consumer<choosy_consumer> {
public:
  task<> connected() override {
    if (scope().query("bytes")) {
      send_bytes("early");
    }
    if (scope().query("choose")) {
      choose_subprotocol(*scope().query("choose"));
    }
    if (scope().query("reject")) {
      send(dcrf::json_text{json("why")});
      reject(static_cast<std::uint16_t>(std::stoi(*scope().query("reject"))));
    }
    return {};
  }
  task<> disconnected(std::uint16_t) override {
    ++ended;
    return {};
  }

  inline static int ended = 0;
};

struct fixture {
  fixture() {
    server.websocket<measuring_consumer>("/measure");
    server.websocket<echo_consumer>("/echo");
    server.websocket<plain_consumer>("/plain");
    server.websocket<choosy_consumer>("/choosy");
    choosy_consumer::ended = 0;
  }

  dcrf::test_server server{dcrf::schema{}};
};

} // namespace

TEST_CASE_METHOD(fixture, "binary messages reach a consumer in their turn", "[messages]") {
  auto session = server.connect("/measure");
  session.send_binary({"a\0b", 3});
  CHECK(session.receive_bytes() == std::string{"got a\0b", 7});
  session.send({{"action", "ping"}, {"request_id", 1}});
  CHECK(session.receive()["response_status"] == 200);
  session.send_binary("bad");
  auto reply = session.receive();
  CHECK(reply["response_status"] == 400);
  CHECK(reply["errors"] == json{"Bad bytes."});
  CHECK(reply["action"] == nullptr);
  CHECK(reply["request_id"] == nullptr);
}

TEST_CASE_METHOD(fixture, "binary messages are throttled", "[messages]") {
  auto session = server.connect("/measure");
  for (int i = 0; i < 3; ++i) {
    session.send_binary("x");
    session.receive_bytes();
  }
  session.send_binary("x");
  CHECK(session.receive()["response_status"] == 429);
}

TEST_CASE_METHOD(fixture, "a consumer that takes no binary messages says so", "[messages]") {
  auto session = server.connect("/plain");
  session.send_binary("{}");
  auto reply = session.receive();
  CHECK(reply["response_status"] == 400);
  CHECK(reply["errors"] == json{"Frames must be text."});
}

TEST_CASE_METHOD(fixture, "a consumer may take texts that are no requests", "[messages]") {
  auto session = server.connect("/echo");
  session.send_text("no JSON");
  CHECK(session.receive_text() == "no JSON");
  session.send_text("");
  CHECK(session.receive_text().empty());
  session.send_binary("\xff");
  CHECK(session.receive_bytes() == "\xff");
}

TEST_CASE_METHOD(fixture, "bytes that are sent before the client is accepted go out then",
                 "[messages]") {
  auto session = server.connect("/choosy?bytes=1");
  CHECK(session.receive_bytes() == "early");
}

TEST_CASE_METHOD(fixture, "a consumer chooses one of the subprotocols that are offered",
                 "[messages]") {
  dcrf::scope handshake;
  handshake.headers = {{"sec-websocket-protocol", "v2, v1"}};
  CHECK(server.connect("/choosy?choose=v1", handshake).subprotocol() == "v1");
  CHECK(server.connect("/choosy", handshake).subprotocol().empty());
  CHECK(server.connect("/choosy?choose=v3", handshake).refused_with() == 500);
}

TEST_CASE_METHOD(fixture, "a consumer accepts a client only to close with a code", "[messages]") {
  auto session = server.connect("/choosy?reject=4401");
  CHECK(session.is_accepted());
  CHECK(session.receive() == "why");
  CHECK(session.close_code() == 4401);
  session.send_text("{}");
  CHECK(session.is_silent());
  session.disconnect();
  CHECK(choosy_consumer::ended == 0);
  CHECK(server.connect("/choosy?reject=1000").refused_with() == 500);
}

} // namespace messages_tests
