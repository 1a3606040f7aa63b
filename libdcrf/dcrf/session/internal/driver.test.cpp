#include "dcrf/session/internal/driver.hpp"

#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

using dcrf::json;
using namespace std::chrono_literals;

namespace consumer_test::driving {

class speaker : public dcrf::api_consumer<speaker> {
public:
  struct value {
    json data;
    BOOST_DESCRIBE_CLASS(value, (), (data), (), ())
  };
  struct number {
    std::int64_t x{};
    BOOST_DESCRIBE_CLASS(number, (), (x), (), ())
  };

  dcrf::task<dcrf::response> echo(json arguments) {
    co_return dcrf::response::ok(dcrf::json_text{arguments});
  }
  dcrf::response sync_echo(value args) { return dcrf::response::accepted(args.data); }
  dcrf::response constant() const { return {json("constant"), 299}; }
  void sync_silence() {}
  dcrf::task<> silence() { co_return; }
  std::optional<dcrf::response> sync_maybe() { return std::nullopt; }
  dcrf::task<std::optional<dcrf::response>> maybe() { co_return std::nullopt; }
  dcrf::task<dcrf::response> slow(value args) {
    co_await runtime().sleep(100ms);
    co_return dcrf::response::ok(args.data);
  }
  dcrf::task<dcrf::response> fail_later() {
    co_await runtime().sleep(50ms);
    throw dcrf::not_found();
  }
  dcrf::task<dcrf::response> crash() {
    throw std::runtime_error("secret");
    co_return dcrf::response::ok();
  }
  dcrf::response sync_crash() { throw 42; }
  dcrf::task<dcrf::response> twice(number args) { co_return dcrf::response::ok(json(args.x * 2)); }
  dcrf::task<dcrf::response> many(dcrf::request& req) {
    for (int i = 0; i < 3; ++i) {
      dcrf::response next{json(i), 202};
      reply(req, next);
      co_await runtime().sleep(1ms);
    }
    co_return dcrf::response::ok(json("done"));
  }
  void free_frame(value args) { send(args.data); }
  dcrf::response readings() {
    return dcrf::response::ok(json(runtime().where().reader().generation()));
  }
  void not_an_action() { send(json("must not be called")); }

  using actions = dcrf::actions<
      dcrf::action<"echo", &speaker::echo>, dcrf::action<"sync-echo", &speaker::sync_echo>,
      dcrf::action<"constant", &speaker::constant>,
      dcrf::action<"sync_silence", &speaker::sync_silence>,
      dcrf::action<"silence", &speaker::silence>, dcrf::action<"sync_maybe", &speaker::sync_maybe>,
      dcrf::action<"maybe", &speaker::maybe>, dcrf::action<"slow", &speaker::slow>,
      dcrf::detached_action<"detached_slow", &speaker::slow>,
      dcrf::detached_action<"detached_fail", &speaker::fail_later>,
      dcrf::detached_action<"detached_crash", &speaker::crash>,
      dcrf::action<"crash", &speaker::crash>, dcrf::action<"sync_crash", &speaker::sync_crash>,
      dcrf::action<"twice", &speaker::twice>, dcrf::action<"many", &speaker::many>,
      dcrf::action<"free_frame", &speaker::free_frame>,
      dcrf::action<"readings", &speaker::readings>>;
};

class by_method : public dcrf::api_consumer<by_method> {
public:
  std::optional<dcrf::json_text> action_name(const dcrf::request& req) const override {
    auto name = req.argument("method");
    return name ? std::optional{dcrf::json_text{name->to_json()}} : std::nullopt;
  }
  dcrf::response echo() { return dcrf::response::ok(json("heard")); }

  using actions = dcrf::actions<dcrf::action<"echo", &by_method::echo>>;
};

dcrf::test_session connected(dcrf::test_server& server) {
  server.websocket<speaker>("/speaker/");
  return server.connect("/speaker/");
}

struct conversation {
  std::string ask(const std::string& frame) {
    session.send_text(frame);
    return session.receive_text();
  }

  dcrf::test_server server{all_models()};
  dcrf::test_session session = connected(server);
};

using consumer_test::all_models;

TEST_CASE("a reply has five members, and the request's id", "[driver]") {
  conversation x;
  CHECK(x.ask(R"({"action": "sync-echo", "request_id": 18446744073709551615, "data": [1.0]})")
        == R"({"errors":[],"data":[1.0],"action":"sync-echo","response_status":202,)"
           R"("request_id":18446744073709551615})");
  CHECK(x.ask(R"({"action": "constant"})")
        == R"({"errors":[],"data":"constant","action":"constant","response_status":299,)"
           R"("request_id":null})");
}

TEST_CASE("an action may take all arguments as they are", "[driver]") {
  conversation x;
  auto reply = json::parse(x.ask(R"({"action": "echo", "request_id": {"a": 1}, "self": 1})"));
  CHECK(reply["data"] == json{{"self", 1}});
  CHECK(reply["request_id"] == json{{"a", 1}});
}

TEST_CASE("a failed request has the envelope of a reply", "[driver]") {
  conversation x;
  auto failure = [](const std::string& errors, const std::string& action, unsigned status) {
    return R"({"errors":[)" + errors + R"(],"data":null,"action":)" + action
           + R"(,"response_status":)" + std::to_string(status) + R"(,"request_id":7})";
  };
  CHECK(x.ask(R"({"request_id": 7})")
        == failure(R"("Unable to find action in message body.")", "null", 405));
  CHECK(x.ask(R"({"request_id": 7, "action": "not_an_action"})")
        == failure(R"("Method \"not_an_action\" not allowed.")", R"("not_an_action")", 405));
  CHECK(x.ask(R"({"request_id": 7, "action": "ü\""})")
        == failure(R"("Method \"ü\"\" not allowed.")", R"("ü\"")", 405));
  CHECK(x.ask(R"({"request_id": 7, "action": 5})")
        == failure(R"("Method \"5\" not allowed.")", "5", 405));
  CHECK(x.ask(R"({"request_id": 7, "action": ["echo"]})")
        == failure(R"("Method \"['echo']\" not allowed.")", R"(["echo"])", 405));
  CHECK(x.ask(R"({"request_id": 7, "action": "twice", "x": "one"})")
        == failure(R"({"x":["A valid integer is required."]})", R"("twice")", 400));
  CHECK(x.ask(R"({"request_id": 7, "action": "twice"})")
        == failure(R"({"x":["This field is required."]})", R"("twice")", 400));
  CHECK(x.ask(R"({"request_id": 7, "action": "crash"})")
        == failure(R"("A server error occurred.")", R"("crash")", 500));
  CHECK(x.ask(R"({"request_id": 7, "action": "sync_crash"})")
        == failure(R"("A server error occurred.")", R"("sync_crash")", 500));
  CHECK(x.ask(R"({"request_id": 7, "action": "detached_crash"})")
        == failure(R"("A server error occurred.")", R"("detached_crash")", 500));
  CHECK(x.ask(R"({"request_id": 7, "action": "detached_fail"})")
        == failure(R"("Not found.")", R"("detached_fail")", 404));
  CHECK(x.ask(R"({"request_id": 7, "action": "twice", "x": 2})")
        == R"({"errors":[],"data":4,"action":"twice","response_status":200,"request_id":7})");
}

TEST_CASE("malformed frames are answered, and the connection stays open", "[driver]") {
  conversation x;
  auto refused = [](const json& reply) {
    CHECK(reply["response_status"] == 400);
    CHECK(reply["action"].is_null());
    CHECK(reply["request_id"].is_null());
    CHECK(reply["data"].is_null());
    CHECK(reply["errors"].size() == 1);
  };
  for (const std::string& frame :
       {std::string{}, std::string{"{"}, std::string{"[]"}, std::string{"5"}, std::string{"null"},
        std::string{R"({"action": NaN})"}, std::string(100'000, '[')}) {
    refused(json::parse(x.ask(frame)));
  }
  x.session.send_binary(R"({"action": "constant"})");
  refused(x.session.receive());
  CHECK(json::parse(x.ask(R"({"action": "constant"})"))["data"] == "constant");
}

TEST_CASE("an action may answer nothing", "[driver]") {
  conversation x;
  for (const auto* name : {"sync_silence", "silence", "sync_maybe", "maybe"}) {
    CAPTURE(name);
    x.session.send({{"action", name}});
    CHECK(x.session.is_silent());
  }
  CHECK(json::parse(x.ask(R"({"action": "constant"})"))["response_status"] == 299);
}

TEST_CASE("an action may answer more than once, and with frames of its own", "[driver]") {
  conversation x;
  x.session.send({{"action", "many"}, {"request_id", "m"}});
  for (int i = 0; i < 3; ++i) {
    auto reply = x.session.receive();
    CHECK(reply["data"] == i);
    CHECK(reply["response_status"] == 202);
    CHECK(reply["request_id"] == "m");
  }
  CHECK(x.session.receive()["data"] == "done");
  CHECK(x.session.is_silent());
  CHECK(x.ask(R"({"action": "free_frame", "data": [{"any": "thing"}]})") == R"([{"any":"thing"}])");
}

TEST_CASE("requests are handled one after the other", "[driver]") {
  conversation x;
  x.session.send({{"action", "slow"}, {"data", 1}});
  x.session.send({{"action", "sync-echo"}, {"data", 2}});
  x.session.send({{"action", "unknown"}});
  x.session.send({{"action", "slow"}, {"data", 4}});
  CHECK(x.session.is_silent());
  CHECK(x.session.receive()["data"] == 1);
  CHECK(x.session.receive()["data"] == 2);
  CHECK(x.session.receive()["response_status"] == 405);
  CHECK(x.session.receive()["data"] == 4);
}

TEST_CASE("detached actions run beside the queue", "[driver]") {
  conversation x;
  x.session.send({{"action", "detached_slow"}, {"data", "late"}, {"request_id", 1}});
  x.session.send({{"action", "detached_fail"}, {"request_id", 2}});
  x.session.send({{"action", "sync-echo"}, {"data", "early"}, {"request_id", 3}});
  CHECK(x.session.receive()["request_id"] == 3);
  CHECK(x.session.receive()["request_id"] == 2);
  auto late = x.session.receive();
  CHECK(late["request_id"] == 1);
  CHECK(late["data"] == "late");
}

TEST_CASE("connections do not wait for each other", "[driver]") {
  conversation x;
  auto other = x.server.connect("/speaker/");
  x.session.send({{"action", "slow"}, {"data", 1}});
  other.send({{"action", "sync-echo"}, {"data", 2}});
  CHECK_FALSE(other.is_silent());
  CHECK(other.receive()["data"] == 2);
  CHECK(x.session.is_silent());
}

TEST_CASE("a frame is parsed once", "[driver]") {
  conversation x;
  auto readings = [&] {
    return json::parse(x.ask(R"({"action": "readings"})"))["data"].get<std::uint64_t>();
  };
  auto before = readings();
  CHECK(readings() == before + 1);
  x.ask(R"({"action": "twice", "x": 1, "request_id": 1})");
  CHECK(readings() == before + 3);
}

TEST_CASE("a consumer may name the action in its own way", "[driver]") {
  dcrf::test_server server{all_models()};
  server.websocket<by_method>("/");
  auto session = server.connect("/");
  session.send({{"method", "echo"}, {"request_id", 1}});
  auto reply = session.receive();
  CHECK(reply["data"] == "heard");
  CHECK(reply["action"] == "echo");
  session.send_text(R"({"action": "echo"})");
  CHECK(session.receive_text()
        == R"({"errors":["Unable to find action in message body."],"data":null,"action":null,)"
           R"("response_status":405,"request_id":null})");
  session.send_text(R"({"method": 5, "action": "echo"})");
  CHECK(session.receive_text()
        == R"({"errors":["Method \"5\" not allowed."],"data":null,"action":5,)"
           R"("response_status":405,"request_id":null})");
}

TEST_CASE("an error quotes a name with a NUL whole", "[driver]") {
  conversation x;
  CHECK(json::parse(x.ask(R"({"action": "a\u0000b"})"))["errors"].dump()
        == R"(["Method \"a\u0000b\" not allowed."])");
}

} // namespace consumer_test::driving
