#include "dcrf/testing/test_server.hpp"

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>

using dcrf::json;
using namespace std::chrono_literals;

namespace consumer_test::testing {

class mirror : public dcrf::api_consumer<mirror> {
public:
  dcrf::task<> connected() override {
    if (scope().query("refuse")) {
      throw dcrf::permission_denied();
    }
    co_return;
  }
  dcrf::response look() {
    json found{{"path", scope().path},
               {"query", scope().query_string},
               {"number", scope().parameter("number")},
               {"user", user().username}};
    return dcrf::response::ok(found);
  }
  void leave() { close(4001); }
  dcrf::task<dcrf::response> wait() {
    co_await runtime().sleep(24h);
    co_return dcrf::response::ok();
  }

  using actions =
      dcrf::actions<dcrf::action<"look", &mirror::look>, dcrf::action<"leave", &mirror::leave>,
                    dcrf::action<"wait", &mirror::wait>>;
};

struct far_away {
  std::int64_t id{};
};
BOOST_DESCRIBE_STRUCT(far_away, (), (id))

} // namespace consumer_test::testing

template <>
struct dcrf::model<consumer_test::testing::far_away> {
  static constexpr auto table = "far_away";
  using primary_key = dcrf::primary_key<&consumer_test::testing::far_away::id>;
};

namespace consumer_test::testing {

struct far_away_serializer : dcrf::model_serializer<far_away> {
  using fields = dcrf::all_fields;
};

class far_away_consumer : public dcrf::model_consumer<far_away_consumer, far_away,
                                                      far_away_serializer, dcrf::list_model> {};

class far_observer : public dcrf::api_consumer<far_observer> {
public:
  struct every_one : dcrf::model_observer<far_away> {};

  dcrf::task<dcrf::response> watch(dcrf::request& req) {
    co_await subscribe<every_one>(req);
    co_return dcrf::response::created();
  }
  using actions = dcrf::actions<dcrf::action<"watch", &far_observer::watch>>;
};

class failing : public dcrf::api_consumer<failing> {
public:
  dcrf::task<> connected() override {
    spawn(beat());
    return {};
  }
  void fail() { throw std::runtime_error("the disk is full"); }
  using actions = dcrf::actions<dcrf::action<"fail", &failing::fail>>;

private:
  dcrf::task<> beat() {
    for (;;) {
      co_await runtime().sleep(1h);
    }
  }
};

// What a wait for a frame that does not come says.
std::string complaint(dcrf::test_session& session) {
  try {
    session.receive();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

struct bench {
  bench() { server.websocket<mirror>("/talk/<int:number>/"); }

  dcrf::test_server server{all_models()};
};

TEST_CASE("a test session has path, query, parameters and user", "[test_server]") {
  bench x;
  auto session = x.server.connect("/talk/7/?a=1?", consumer_test::user(1, "ann"));
  REQUIRE(session.is_accepted());
  CHECK(session.refused_with() == 0);
  session.send({{"action", "look"}});
  CHECK(session.receive()["data"]
        == json{{"path", "/talk/7/"}, {"query", "a=1?"}, {"number", "7"}, {"user", "ann"}});
}

TEST_CASE("a test session may be refused", "[test_server]") {
  bench x;
  auto unknown = x.server.connect("/talk/x/");
  CHECK_FALSE(unknown.is_accepted());
  CHECK(unknown.refused_with() == 404);
  unknown.send({{"action", "look"}});
  CHECK(unknown.is_silent());
  auto refused = x.server.connect("/talk/7/?refuse");
  CHECK_FALSE(refused.is_accepted());
  CHECK(refused.refused_with() == 403);
}

TEST_CASE("an authenticator replaces the user of a test session", "[test_server]") {
  bench x;
  x.server.authenticate(
      [](const dcrf::scope& scope, const dcrf::runtime&) -> dcrf::task<dcrf::user_info> {
        co_return consumer_test::user(1, *scope.query("user"));
      });
  auto session = x.server.connect("/talk/7/?user=bob", consumer_test::user(1, "ann"));
  session.send({{"action", "look"}});
  CHECK(session.receive()["data"]["user"] == "bob");
}

TEST_CASE("time passes only while a test waits for a frame", "[test_server]") {
  bench x;
  auto session = x.server.connect("/talk/7/");
  session.send({{"action", "wait"}});
  CHECK(session.is_silent());
  CHECK(session.receive()["response_status"] == 200);
}

TEST_CASE("a frame that never comes fails the test", "[test_server]") {
  bench x;
  auto session = x.server.connect("/talk/7/");
  CHECK_THROWS_AS(session.receive(), std::logic_error);
}

TEST_CASE("a test sees the close code, and may go on", "[test_server]") {
  bench x;
  auto session = x.server.connect("/talk/7/");
  CHECK_FALSE(session.close_code());
  session.send({{"action", "leave"}});
  CHECK(session.close_code() == 4001);
  session.send({{"action", "look"}});
  CHECK(session.is_silent());
  session.disconnect();
  session.disconnect();
}

TEST_CASE("test sessions are moved", "[test_server]") {
  bench x;
  auto first = x.server.connect("/talk/1/");
  auto second = x.server.connect("/talk/2/");
  first = std::move(second);
  first.send({{"action", "look"}});
  CHECK(first.receive()["data"]["number"] == "2");
}

TEST_CASE("a task of the test has a result or throws", "[test_server]") {
  bench x;
  auto number = []() -> dcrf::task<int> { co_return 7; };
  CHECK(x.server.run(number()) == 7);
  auto failing = []() -> dcrf::task<> {
    throw dcrf::not_found();
    co_return;
  };
  CHECK_THROWS_AS(x.server.run(failing()), dcrf::not_found);
}

TEST_CASE("a task of the test may open a transaction", "[test_server]") {
  dcrf::test_server server{consumer_test::all_models()};
  auto fails = [&]() -> dcrf::task<> {
    consumer_test::author ann{.name = "ann"};
    co_await server.runtime().repository<consumer_test::author>().create(ann);
    throw dcrf::not_found();
  };
  auto atomically = [&]() -> dcrf::task<> { co_await server.runtime().atomic(fails); };
  CHECK_THROWS_AS(server.run(atomically()), dcrf::not_found);
  CHECK(consumer_test::count_of<consumer_test::author>(server) == 0);
}

TEST_CASE("a wait that ends without what was waited for says so", "[test_server]") {
  bench x;
  auto session = x.server.connect("/talk/7/");
  session.send({{"action", "leave"}});
  CHECK_THAT(complaint(session), Catch::Contains("waited for a frame, but nothing is left to do"));
}

TEST_CASE("a failure is told by the wait that it leaves without an end", "[test_server]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<failing>("/");
  auto session = server.connect("/");
  session.send({{"action", "fail"}});
  CHECK(session.receive()["response_status"] == 500);
  CHECK_THAT(complaint(session),
             Catch::Contains("waited for a frame, but it did not come within a "
                             "week; before that failed user=null consumer=failing "
                             "action=\"fail\" request=null: the disk is full"));
  CHECK_THAT(complaint(session), !Catch::Contains("the disk is full"));
}

TEST_CASE("a class over a model that the server was not given is refused", "[test_server]") {
  dcrf::test_server server{consumer_test::all_models()};
  CHECK_THROWS_WITH(server.websocket<far_away_consumer>("/"),
                    Catch::Contains("far_away_consumer is over the model \"far away\", which the "
                                    "server was not given"));
  CHECK_THROWS_WITH(server.websocket<far_observer>("/"),
                    Catch::Contains("far_observer::every_one is over the model \"far away\""));
  CHECK_THROWS_AS(server.connect("/").receive(), std::logic_error);
}

} // namespace consumer_test::testing
