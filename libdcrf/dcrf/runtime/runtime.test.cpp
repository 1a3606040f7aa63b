#include "dcrf/runtime/runtime.hpp"

#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

using dcrf::json;
using namespace std::chrono_literals;

namespace consumer_test::running {

class writer : public dcrf::api_consumer<writer> {
public:
  struct named {
    std::string name;
    bool fails{};
    std::int64_t hold{};
    BOOST_DESCRIBE_CLASS(named, (), (name, fails, hold), (), ())
  };

  dcrf::task<dcrf::response> write(named args) {
    author draft{.name = args.name};
    auto created = co_await repository<author>().create(draft);
    if (args.hold > 0) {
      co_await runtime().sleep(std::chrono::milliseconds{args.hold});
    }
    if (args.fails) {
      throw dcrf::permission_denied();
    }
    co_return dcrf::response::created(json(created.id));
  }

  // Goes on after what it rolled back.
  dcrf::task<dcrf::response> write_and_survive(named args) {
    auto body = [this, args]() -> dcrf::task<> {
      co_await write(args);
      throw std::runtime_error("rolled back");
    };
    std::string thrown;
    try {
      co_await runtime().atomic(body);
    } catch (const std::runtime_error& error) {
      thrown = error.what();
    }
    auto left = co_await repository<author>().count({});
    co_return dcrf::response::ok(json{{"thrown", thrown}, {"left", left}});
  }

  // One transaction within another, which fails and is forgiven if it `fails`.
  dcrf::task<dcrf::response> nest(named args) {
    named outside{.name = "outside"};
    co_await write(outside);
    auto inner = [this, args]() -> dcrf::task<> { co_await write(args); };
    try {
      co_await runtime().atomic(inner);
    } catch (const dcrf::permission_denied&) {
    }
    co_return dcrf::response::ok();
  }

  dcrf::task<dcrf::response> offloaded() {
    auto compute = [] { return 42; };
    int answer = co_await runtime().offload(compute);
    std::string thrown;
    try {
      auto fail = [] { throw std::runtime_error("elsewhere"); };
      co_await runtime().offload(fail);
    } catch (const std::runtime_error& error) {
      thrown = error.what();
    }
    co_return dcrf::response::ok(json{answer, thrown});
  }

  dcrf::task<dcrf::response> count() {
    auto n = co_await repository<author>().count({});
    co_return dcrf::response::ok(json(n));
  }

  using actions = dcrf::actions<
      dcrf::action<"plain", &writer::write>, dcrf::atomic_action<"atomic", &writer::write>,
      dcrf::action<"survive", &writer::write_and_survive>,
      dcrf::atomic_action<"nest", &writer::nest>, dcrf::action<"offloaded", &writer::offloaded>,
      dcrf::action<"count", &writer::count>>;
};

// Opens a transaction beside the queue, and holds it.
class holder : public dcrf::api_consumer<holder> {
public:
  dcrf::task<> hold() {
    auto body = [this]() -> dcrf::task<> {
      author draft{.name = "held"};
      co_await repository<author>().create(draft);
      co_await runtime().sleep(1h);
    };
    co_await runtime().atomic(body);
  }

  using actions = dcrf::actions<dcrf::detached_action<"hold", &holder::hold>>;
};

dcrf::test_session connected(dcrf::test_server& server) {
  server.websocket<writer>("/writer/");
  server.websocket<holder>("/holder/");
  return server.connect("/writer/");
}

struct bench {
  json ask(const json& frame) {
    session.send(frame);
    return session.receive();
  }

  dcrf::test_server server{all_models()};
  dcrf::test_session session = connected(server);
};

json write(const std::string& action, bool fails, std::int64_t hold = 0) {
  return {{"action", action}, {"name", "ann"}, {"fails", fails}, {"hold", hold}};
}

using consumer_test::author;
using consumer_test::count_of;

TEST_CASE("an atomic action that fails leaves nothing behind", "[runtime]") {
  bench x;
  CHECK(x.ask(write("atomic", true))["response_status"] == 403);
  CHECK(count_of<author>(x.server) == 0);
  CHECK(x.ask(write("plain", true))["response_status"] == 403);
  CHECK(count_of<author>(x.server) == 1);
}

TEST_CASE("an atomic action that succeeds is committed before its reply", "[runtime]") {
  bench x;
  CHECK(x.ask(write("atomic", false))["response_status"] == 201);
  CHECK(count_of<author>(x.server) == 1);
}

TEST_CASE("what was rolled back may be survived", "[runtime]") {
  bench x;
  CHECK(x.ask(write("survive", false))["data"] == json{{"thrown", "rolled back"}, {"left", 0}});
  CHECK(x.ask(write("atomic", false))["response_status"] == 201);
}

TEST_CASE("a transaction within another is undone alone", "[runtime]") {
  bench x;
  SECTION("if it fails") {
    CHECK(x.ask(write("nest", true))["response_status"] == 200);
    CHECK(count_of<author>(x.server) == 1);
  }
  SECTION("and kept if it does not") {
    CHECK(x.ask(write("nest", false))["response_status"] == 200);
    CHECK(count_of<author>(x.server) == 2);
  }
}

TEST_CASE("a transaction belongs to an action or a handler", "[runtime]") {
  bench x;
  auto body = []() -> dcrf::task<> { co_return; };
  auto of_nobody = x.server.runtime().atomic(body);
  of_nobody.start();
  CHECK_THROWS_AS(of_nobody.take(), std::logic_error);
}

TEST_CASE("others wait while a transaction is open", "[runtime]") {
  bench x;
  auto other = x.server.connect("/writer/");
  x.session.send(write("atomic", true, 100));
  other.send({{"action", "count"}});
  CHECK(other.is_silent());
  CHECK(other.receive()["data"] == 0);
  CHECK(x.session.receive()["response_status"] == 403);
}

TEST_CASE("a connection that ends within a transaction releases it", "[runtime]") {
  bench x;
  auto holding = x.server.connect("/holder/");
  holding.send({{"action", "hold"}});
  x.session.send({{"action", "count"}});
  CHECK(x.session.is_silent());
  holding.disconnect();
  CHECK_FALSE(x.session.is_silent());
  CHECK(x.session.receive()["data"] == 0);
}

TEST_CASE("a connection that ends while its transaction is being opened releases it", "[runtime]") {
  bench x;
  auto first = x.server.connect("/holder/");
  auto second = x.server.connect("/holder/");
  first.send({{"action", "hold"}});
  second.send({{"action", "hold"}});
  second.disconnect();
  first.disconnect();
  CHECK(x.ask(write("atomic", false))["response_status"] == 201);
}

TEST_CASE("work on another thread has a result or an exception", "[runtime]") {
  bench x;
  CHECK(x.ask({{"action", "offloaded"}})["data"] == json{42, "elsewhere"});
}

TEST_CASE("who sleeps wakes in order of time", "[runtime]") {
  dcrf::test_server server{consumer_test::all_models()};
  std::string woken;
  auto sleeper = [&](std::chrono::milliseconds duration, char name) -> dcrf::task<> {
    co_await server.runtime().sleep(duration);
    woken += name;
  };
  auto c = sleeper(30h, 'c');
  auto a = sleeper(0ms, 'a');
  c.start();
  a.start();
  server.run(sleeper(20ms, 'b'));
  CHECK(woken == "ab");
  server.run(sleeper(48h, 'd'));
  CHECK(woken == "abcd");
}

} // namespace consumer_test::running
