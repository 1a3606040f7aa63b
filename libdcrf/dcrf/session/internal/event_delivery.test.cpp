// Events that need the database, or have many request ids: a driver in a session that does only
// what the test says.

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/session/internal/fake_session.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

using dcrf::json;
using namespace std::chrono_literals;

namespace consumer_test::delivering {

class listener : public dcrf::api_consumer<listener> {
public:
  struct changes : dcrf::model_observer<note> {};
  // Reads before it says anything.
  struct read : dcrf::model_observer<note> {
    static dcrf::task<> handle(listener& self, const dcrf::observed& event) {
      co_await self.repository<note>().count({});
      for (const auto& id : event.request_ids) {
        self.reply(id, R"("read")", dcrf::response::ok());
      }
    }
  };
  // Says something before it reads.
  struct said : dcrf::model_observer<note> {
    static dcrf::task<> handle(listener& self, const dcrf::observed&) {
      self.send(json("said"));
      co_await self.repository<note>().count({});
    }
  };

  template <class Observer>
  dcrf::task<dcrf::response> add(dcrf::request& req) {
    co_await subscribe<Observer>(req);
    co_return dcrf::response::created();
  }
  template <class Observer>
  dcrf::response end(dcrf::request& req) {
    unsubscribe<Observer>(req);
    return dcrf::response::no_content();
  }

  using actions = dcrf::actions<dcrf::detached_action<"add", &listener::add<changes>>,
                                dcrf::action<"end", &listener::end<changes>>,
                                dcrf::action<"add_read", &listener::add<read>>,
                                dcrf::action<"add_said", &listener::add<said>>>;
};

struct bench {
  bench() { driver.connect(nullptr); }

  void ask(const std::string& action, const json& id) {
    driver.receive(json{{"action", action}, {"request_id", id}}.dump(), true);
  }

  void subscribe(const std::string& action, const json& id) {
    ask(action, id);
    session.finish(session.joining.back().second, {});
  }

  template <class Observer>
  void tell(std::uint64_t version) {
    auto message = std::make_shared<dcrf::group_message>();
    message->target = {&dcrf::observer_of<Observer>(), dcrf::group_key_of<Observer>()};
    message->text = std::make_shared<dcrf::event_text>(
        R"({"v":)" + std::to_string(version) + R"(,"request_id":)", 0, 0);
    message->version = version;
    driver.deliver(std::move(message));
  }

  void answer(std::optional<dcrf::store_errc> failure) {
    dcrf::store_result result;
    if (failure) {
      result.error = dcrf::store_error{.code = *failure};
    }
    session.finish(session.submitted.back().second, std::move(result));
  }

  // Lets the next pause pass.
  void wait(std::chrono::milliseconds time) {
    session.time += time;
    session.finish(session.sleeping.back(), {});
  }

  // The request ids of what was sent, and forgets them.
  json ids() {
    auto result = json::array();
    for (const auto& x : session.log) {
      if (x.starts_with('{')) {
        result.push_back(json::parse(x)["request_id"]);
      }
    }
    session.log.clear();
    return result;
  }

  fake_session session;
  dcrf::driver driver{session, {}, std::make_unique<listener>()};
};

using dcrf::store_errc;

TEST_CASE("an event that needs the database is tried again while it is away", "[event_delivery]") {
  bench x;
  x.subscribe("add_read", 1);
  x.session.log.clear();
  x.tell<listener::read>(5);
  x.answer(store_errc::unavailable);
  CHECK(x.session.log.empty());
  CHECK(x.session.submitted.size() == 1);
  SECTION("until it is back") {
    x.wait(100ms);
    CHECK(x.session.submitted.size() == 2);
    x.answer(store_errc::unavailable);
    x.wait(200ms);
    x.answer({});
    CHECK(json::parse(x.session.log.back())["action"] == "read");
    CHECK(x.session.failures.empty());
  }
  SECTION("or too long a time has passed, and is told as missed then") {
    for (int i = 0; x.session.log.empty(); ++i) {
      REQUIRE(i < 100);
      x.wait(1s);
      x.answer(store_errc::unavailable);
    }
    CHECK(x.session.time.time_since_epoch() >= 8s);
    CHECK(x.session.time.time_since_epoch() <= 11s);
    CHECK(json::parse(x.session.log.back())
          == json{{"errors", json::array()},
                  {"data", {{"node", nullptr}}},
                  {"action", "missed"},
                  {"response_status", 205},
                  {"request_id", 1}});
    CHECK(x.session.failures.size() == 1);
  }
  SECTION("or the connection ends") {
    x.driver.disconnect(1000);
    x.wait(100ms);
    CHECK(x.session.submitted.size() == 1);
    CHECK(x.session.log.back() == "finished");
  }
}

TEST_CASE("an event whose handler fails otherwise is told as missed at once", "[event_delivery]") {
  bench x;
  x.subscribe("add_read", 1);
  x.tell<listener::read>(5);
  x.answer(store_errc::failed);
  CHECK(json::parse(x.session.log.back())["action"] == "missed");
  CHECK(x.session.failures.size() == 1);
}

TEST_CASE("a handler that has sent something is not called again", "[event_delivery]") {
  bench x;
  x.subscribe("add_said", 1);
  x.tell<listener::said>(5);
  x.answer(store_errc::unavailable);
  CHECK(x.session.sleeping.empty());
  CHECK(json::parse(x.session.log.back())["action"] == "missed");
}

TEST_CASE("each request id is told of what commits after it subscribed", "[event_delivery]") {
  bench x;
  x.session.committed = 5;
  x.subscribe("add", "first");
  x.session.committed = 8;
  x.ask("add", "second");
  CHECK(x.session.joining.size() == 2);
  x.ids();
  x.tell<listener::changes>(6);
  CHECK(x.ids() == json{"first"});
  // What was committed before and comes now is not for the second one.
  x.session.finish(x.session.joining.back().second, {});
  x.ids();
  x.tell<listener::changes>(7);
  x.tell<listener::changes>(8);
  CHECK(x.ids() == json{"first", "first"});
  x.tell<listener::changes>(9);
  CHECK(x.ids() == json{"first", "second"});
  // Neither is that another subscription.
  x.session.committed = 20;
  x.ask("add", "second");
  CHECK(x.session.joining.size() == 2);
  x.ids();
  x.tell<listener::changes>(10);
  CHECK(x.ids() == json{"first", "second"});
}

TEST_CASE("an event goes to many request ids in turns, as fast as the client takes them",
          "[event_delivery]") {
  bench x;
  for (int i = 0; i < 150; ++i) {
    x.subscribe("add", i);
  }
  x.ids();
  x.tell<listener::changes>(5);
  auto first = x.ids();
  CHECK(first.size() > 0);
  CHECK(first.size() < 100);
  x.session.congested = true;
  x.session.finish(x.session.sleeping.back(), {});
  REQUIRE(x.session.draining.size() == 1);
  CHECK(x.ids().empty());
  x.session.congested = false;
  x.session.finish(x.session.draining[0], {});
  auto rest = x.ids();
  while (first.size() + rest.size() < 150) {
    x.session.finish(x.session.sleeping.back(), {});
    auto more = x.ids();
    REQUIRE_FALSE(more.empty());
    rest.insert(rest.end(), more.begin(), more.end());
  }
  CHECK(first.front() == 0);
  CHECK(rest.back() == 149);
}

} // namespace consumer_test::delivering
