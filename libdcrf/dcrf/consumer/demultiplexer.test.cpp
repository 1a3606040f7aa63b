#include "dcrf/consumer/demultiplexer.hpp"

#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>

using dcrf::json;
using namespace std::chrono_literals;

namespace consumer_test::multiplexing {

class authors : public dcrf::model_consumer<authors, author, author_serializer, dcrf::crud,
                                            dcrf::observe_instance> {};

class talker : public dcrf::api_consumer<talker> {
public:
  struct delay {
    std::optional<std::int64_t> ms;
    BOOST_DESCRIBE_CLASS(delay, (), (ms), (), ())
  };

  dcrf::task<dcrf::response> echo(json args, dcrf::request&) {
    co_await runtime().sleep(0ms);
    co_return dcrf::response::ok(dcrf::json_text{args});
  }
  dcrf::task<dcrf::response> slow(delay args) {
    co_await runtime().sleep(std::chrono::milliseconds{args.ms.value_or(100)});
    co_return dcrf::response::ok();
  }
  dcrf::task<dcrf::response> crash(dcrf::request&) { throw std::runtime_error("no"); }
  dcrf::response leave() {
    close(4002);
    return dcrf::response::ok();
  }
  dcrf::task<dcrf::response> join() {
    co_await group_add("lobby");
    co_return dcrf::response::ok();
  }
  void say() { group_send("lobby", json{{"heard", "hello"}}); }

  using actions =
      dcrf::actions<dcrf::action<"echo", &talker::echo>, dcrf::action<"slow", &talker::slow>,
                    dcrf::action<"crash", &talker::crash>, dcrf::action<"leave", &talker::leave>,
                    dcrf::action<"join", &talker::join>, dcrf::action<"say", &talker::say>>;
};

// A stream that greets, once its slow hook has ended.
class greeter : public dcrf::api_consumer<greeter, talker> {
public:
  dcrf::task<> connected() override {
    send(json("welcome"));
    co_await runtime().sleep(1s);
    send(json("come in"));
  }
};

class members : public dcrf::api_consumer<members> {
public:
  using permissions = dcrf::permissions<dcrf::authenticated_connection>;
};

struct site
    : dcrf::demultiplexer<dcrf::stream<"members", members>, dcrf::stream<"authors", authors>,
                          dcrf::stream<"one", talker>, dcrf::stream<"two", talker>> {};
struct only_members
    : dcrf::demultiplexer<dcrf::stream<"first", members>, dcrf::stream<"second", members>> {};
struct greeting
    : dcrf::demultiplexer<dcrf::stream<"first", talker>, dcrf::stream<"second", greeter>> {};

struct fixture {
  fixture() {
    server.websocket<site>("/site/");
    server.websocket<only_members>("/members/");
    server.websocket<greeting>("/greeting/");
  }

  dcrf::test_server server{all_models()};
};

json frame(const std::string& stream, json payload) {
  return {{"stream", stream}, {"payload", std::move(payload)}};
}

json reply(const std::string& action, json data, json id, unsigned status = 200) {
  return {{"errors", json::array()},
          {"data", std::move(data)},
          {"action", action},
          {"response_status", status},
          {"request_id", std::move(id)}};
}

TEST_CASE("a stream answers in its own name", "[demultiplexer]") {
  fixture x;
  auto client = x.server.connect("/site/");
  client.send(frame("one", {{"action", "echo"}, {"request_id", 1}, {"x", 2.0}}));
  CHECK(client.receive() == frame("one", reply("echo", {{"x", 2.0}}, 1)));
  client.send(
      frame("authors", {{"action", "create"}, {"request_id", "a"}, {"data", {{"name", "ann"}}}}));
  CHECK(client.receive()
        == frame("authors", reply("create", {{"id", 1}, {"name", "ann"}}, "a", 201)));
}

TEST_CASE("streams do not wait for each other, and keep their own order", "[demultiplexer]") {
  fixture x;
  auto client = x.server.connect("/site/");
  client.send(frame("one", {{"action", "slow"}, {"request_id", 1}}));
  client.send(frame("one", {{"action", "slow"}, {"request_id", 2}, {"ms", 0}}));
  client.send(frame("two", {{"action", "slow"}, {"request_id", 1}, {"ms", 50}}));
  CHECK(client.receive() == frame("two", reply("slow", nullptr, 1)));
  CHECK(client.receive() == frame("one", reply("slow", nullptr, 1)));
  CHECK(client.receive() == frame("one", reply("slow", nullptr, 2)));
}

TEST_CASE("each stream is a member of groups for itself", "[demultiplexer]") {
  fixture x;
  consumer_test::stored(x.server, consumer_test::author{.name = "ann"});
  auto client = x.server.connect("/site/");
  client.send(frame("one", {{"action", "join"}}));
  client.receive();
  client.send(frame("two", {{"action", "join"}}));
  client.receive();
  client.send(frame("authors", {{"action", "subscribe_instance"}, {"request_id", "s"}, {"pk", 1}}));
  client.receive();
  CHECK(x.server.memberships() == 3);
  client.send(frame("one", {{"action", "say"}}));
  auto first = client.receive();
  auto second = client.receive();
  CHECK(first["payload"] == json{{"heard", "hello"}});
  CHECK(second["payload"] == json{{"heard", "hello"}});
  CHECK(first["stream"] != second["stream"]);
  consumer_test::updated(x.server, consumer_test::author{.id = 1, .name = "anna"});
  CHECK(client.receive() == frame("authors", reply("update", {{"id", 1}, {"name", "anna"}}, "s")));
  CHECK(client.is_silent());
  client.disconnect();
  CHECK(x.server.memberships() == 0);
}

TEST_CASE("an error stays in its stream", "[demultiplexer]") {
  fixture x;
  auto client = x.server.connect("/site/");
  client.send(frame("two", {{"action", "crash"}, {"request_id", 1}}));
  auto crashed = client.receive();
  CHECK(crashed["stream"] == "two");
  CHECK(crashed["payload"]["response_status"] == 500);
  client.send(frame("two", json::array()));
  auto malformed = client.receive();
  CHECK(malformed["stream"] == "two");
  CHECK(malformed["payload"]["response_status"] == 400);
  CHECK(malformed["payload"]["action"] == nullptr);
  client.send(frame("one", {{"action", "echo"}}));
  CHECK(client.receive() == frame("one", reply("echo", json::object(), nullptr)));
}

TEST_CASE("frames that reach no stream are answered", "[demultiplexer]") {
  fixture x;
  auto client = x.server.connect("/site/");
  auto status_of = [&](const std::string& text) {
    client.send_text(text);
    auto got = client.receive();
    CHECK(got["payload"]["data"] == nullptr);
    CHECK_FALSE(got["payload"]["errors"].empty());
    return std::pair{got["stream"], got["payload"]["response_status"].get<int>()};
  };
  using expected = std::pair<json, int>;
  CHECK(status_of("{") == expected{nullptr, 400});
  CHECK(status_of("") == expected{nullptr, 400});
  CHECK(status_of("[1]") == expected{nullptr, 400});
  CHECK(status_of("{}") == expected{nullptr, 400});
  CHECK(status_of(R"({"stream":"one"})") == expected{"one", 400});
  CHECK(status_of(R"({"payload":{}})") == expected{nullptr, 400});
  CHECK(status_of(R"({"stream":7,"payload":{}})") == expected{nullptr, 400});
  CHECK(status_of(R"({"stream":"nowhere","payload":{"action":"echo"}})")
        == expected{"nowhere", 404});
  CHECK(status_of(R"({"stream":"nowhere","payload":3})") == expected{"nowhere", 404});
  CHECK(status_of(R"({"stream":"members","payload":{"action":"echo"}})")
        == expected{"members", 403});
  client.send_binary(R"({"stream":"one","payload":{"action":"echo"}})");
  CHECK(client.receive()["payload"]["response_status"] == 400);
}

TEST_CASE("a stream that closes ends alone, the last one ends the connection", "[demultiplexer]") {
  fixture x;
  auto client = x.server.connect("/greeting/");
  client.receive();
  client.receive();
  client.send(frame("first", {{"action", "join"}}));
  client.receive();
  client.send(frame("first", {{"action", "leave"}, {"request_id", 1}}));
  client.send(frame("first", {{"action", "echo"}, {"request_id", 2}}));
  auto closed = client.receive();
  CHECK(closed["payload"]["response_status"] == 410);
  CHECK(closed["payload"]["request_id"] == 2);
  client.send(frame("second", {{"action", "echo"}, {"request_id", 3}}));
  CHECK(client.receive() == frame("second", reply("echo", json::object(), 3)));
  CHECK(x.server.memberships() == 0);
  CHECK_FALSE(client.close_code());
  client.send(frame("second", {{"action", "leave"}}));
  CHECK(client.is_silent());
  CHECK(client.close_code() == 4002);
}

TEST_CASE("a connection is accepted when all streams have decided", "[demultiplexer]") {
  fixture x;
  auto client = x.server.connect("/greeting/");
  REQUIRE(client.is_accepted());
  CHECK(client.receive() == frame("second", "welcome"));
  CHECK(client.receive() == frame("second", "come in"));
  CHECK(x.server.connect("/members/").refused_with() == 403);
  CHECK(x.server.connect("/members/", consumer_test::user(1, "ann")).is_accepted());
}

TEST_CASE("who is behind the streams is found out once", "[demultiplexer]") {
  fixture x;
  int asked = 0;
  x.server.authenticate(
      [&](const dcrf::scope&, const dcrf::runtime&) -> dcrf::task<dcrf::user_info> {
        ++asked;
        co_return consumer_test::user(1, "ann");
      });
  CHECK(x.server.connect("/members/").is_accepted());
  CHECK(asked == 1);
  x.server.authenticate(
      [](const dcrf::scope&, const dcrf::runtime& within) -> dcrf::task<dcrf::user_info> {
        co_await within.sleep(1ms);
        throw dcrf::authentication_failed();
      });
  CHECK(x.server.connect("/members/").refused_with() == 401);
}

} // namespace consumer_test::multiplexing
