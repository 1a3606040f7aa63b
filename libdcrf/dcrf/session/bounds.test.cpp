// What one session may make the server hold, and do in one turn.

#include "dcrf/session/internal/scripted.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace bounds_tests {

using dcrf::json;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;
using consumer_test::driven;
using consumer_test::message_to;
using consumer_test::ping;
using consumer_test::pong;

namespace {

std::int64_t count(const driven& x, const std::string& entry) {
  return std::ranges::count(x.session.log, entry);
}

// The status of the last reply.
int last_status(const driven& x) { return json::parse(x.session.log.back())["response_status"]; }

// An action that joins as many free groups as `next` counts.
auto joining(driven& x, int& next) {
  return [&x, &next](dcrf::consumer& self, dcrf::request& req) -> dcrf::task<> {
    auto name = "group " + std::to_string(next++);
    co_await self.group_add(name);
    x.steps.seen.push_back(name);
    self.reply(req, dcrf::response::ok());
  };
}

void join_many(driven& x, int count) {
  for (int i = 0; i < count; ++i) {
    x.request("act");
    x.session.finish(x.session.joining.back().second, {});
  }
}

} // namespace

TEST_CASE("detached actions beyond the bound are answered 429", "[bounds]") {
  driven x{{.background_runs = 2}};
  x.connect();
  x.request("detached_pause");
  x.request("detached_pause");
  CHECK(x.session.sleeping.size() == 2);
  x.request("detached_pause");
  CHECK(x.session.sleeping.size() == 2);
  CHECK(last_status(x) == 429);
  CHECK(json::parse(x.session.log.back())["errors"]
        == json{"A connection may have 2 actions in the background."});
  x.driver.receive(ping, true);
  CHECK(x.session.log.back() == pong);
  x.session.finish(x.session.sleeping[0], {});
  x.request("detached_pause");
  CHECK(x.session.sleeping.size() == 3);
  CHECK(x.session.log.back() == pong);
}

TEST_CASE("an action that starts work in the background beyond the bound is answered 429",
          "[bounds]") {
  driven x{{.background_runs = 1}};
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    auto work = [](dcrf::consumer& at) -> dcrf::task<> { co_await at.runtime().sleep(1h); };
    self.spawn(work(self));
    self.spawn(work(self));
    co_return;
  };
  x.connect();
  x.request("act");
  CHECK(last_status(x) == 429);
  CHECK(x.session.sleeping.size() == 1);
}

TEST_CASE("the arguments of what runs in the background are counted", "[bounds]") {
  driven x{{.size = 100'000}};
  x.connect();
  auto large = [](int size) {
    return R"({"action":"detached_pause","request_id":1,"x":")" + std::string(size, 'x') + R"("})";
  };
  x.driver.receive(large(30'000), true);
  CHECK(x.session.sleeping.size() == 1);
  x.driver.receive(large(30'000), true);
  CHECK(x.session.sleeping.size() == 1);
  CHECK(last_status(x) == 429);
  x.driver.receive(large(1000), true);
  CHECK(x.session.sleeping.size() == 2);
  x.driver.abort();
  CHECK(x.session.budget().kept() == 0);
}

TEST_CASE("groups beyond the bound are answered 429, and may be left again", "[bounds]") {
  driven x{{.groups = 2}};
  int next = 0;
  x.steps.act = joining(x, next);
  x.connect();
  join_many(x, 2);
  x.request("act");
  CHECK(x.session.joining.size() == 2);
  CHECK(last_status(x) == 429);
  CHECK(json::parse(x.session.log.back())["errors"]
        == json{"A connection may subscribe to 2 groups at a time."});
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    self.group_discard("group 0");
    co_return;
  };
  x.request("act");
  x.steps.act = joining(x, next);
  x.request("act");
  CHECK(x.session.joining.size() == 3);
  x.driver.abort();
  CHECK(x.session.budget().kept() == 0);
}

TEST_CASE("long names of groups are counted", "[bounds]") {
  driven x{{.size = 100'000}};
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    co_await self.group_add(std::string(50'000, 'g'));
  };
  x.connect();
  x.request("act");
  CHECK(x.session.joining.empty());
  CHECK(last_status(x) == 429);
  CHECK(x.session.budget().kept() == 0);
}

TEST_CASE("what the client made wait is done in turns, between which others have theirs",
          "[bounds]") {
  driven x;
  x.connect();
  x.request("pause");
  for (int i = 0; i < 150; ++i) {
    x.driver.receive(ping, true);
  }
  x.session.finish(x.session.sleeping.at(0), {});
  auto first = count(x, pong);
  CHECK(first > 0);
  CHECK(first < 100);
  // What comes meanwhile comes after them.
  x.driver.receive(R"({"action":"ping","request_id":"last"})", true);
  for (std::size_t i = 1; count(x, pong) < 150; ++i) {
    x.session.finish(x.session.sleeping.at(i), {});
  }
  CHECK(json::parse(x.session.log.back())["request_id"] == "last");
  CHECK(x.session.queued_bytes == 0);
}

TEST_CASE("frames without content are handled in turns, too, when their sender is gone",
          "[bounds]") {
  driven x;
  x.connect();
  x.request("pause");
  for (int i = 0; i < 150; ++i) {
    x.driver.receive("", true);
  }
  CHECK(x.session.queued_bytes >= 150 * dcrf::holding_cost::queued);
  x.driver.disconnect(1006);
  for (std::size_t i = 0; x.session.log.back() != "finished"; ++i) {
    REQUIRE(i < 5);
    x.session.finish(x.session.sleeping.at(i), {});
  }
  CHECK(x.session.sleeping.size() > 2);
  CHECK(x.steps.seen.back() == "disconnected");
}

TEST_CASE("an abort ends what would have been done in later turns", "[bounds]") {
  driven x;
  x.connect();
  x.request("pause");
  for (int i = 0; i < 150; ++i) {
    x.driver.receive(ping, true);
  }
  x.session.finish(x.session.sleeping.at(0), {});
  auto before = x.session.log.size();
  x.driver.abort();
  x.session.finish(x.session.sleeping.at(1), {});
  CHECK(x.session.log.size() == before);
  CHECK(x.session.budget().queued() == 0);
}

TEST_CASE("many groups are left in turns, before the last hook", "[bounds]") {
  driven x;
  int next = 0;
  x.steps.act = joining(x, next);
  x.connect();
  join_many(x, 150);
  x.session.log.clear();
  x.driver.disconnect(1000);
  CHECK(x.session.log.size() < 100);
  CHECK(x.steps.seen.back() == "group 149");
  for (std::size_t i = 0; x.session.log.empty() || x.session.log.back() != "finished"; ++i) {
    x.session.finish(x.session.sleeping.at(i), {});
  }
  CHECK(x.session.log.size() == 151);
  CHECK(x.steps.seen.back() == "disconnected");
  CHECK(x.session.budget().kept() == 0);
}

TEST_CASE("what is sent before the client is accepted is counted", "[bounds]") {
  driven x{{.size = 1000}};
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    self.send(json(std::string(1000, 'x')));
    co_await self.runtime().sleep(1s);
  };
  x.connect();
  CHECK(x.session.budget().is_exceeded());
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK_FALSE(x.session.budget().is_exceeded());
}

} // namespace bounds_tests
