// How a connection ends: the driver in a session that does only what the test says.

#include "dcrf/session/internal/scripted.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>

namespace disconnecting_tests {

using dcrf::json;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;
using consumer_test::driven;
using consumer_test::fake_session;
using consumer_test::message_to;
using consumer_test::ping;
using consumer_test::pong;
using consumer_test::script;
using consumer_test::scripted;

TEST_CASE("after a close nothing is handled or sent", "[connection]") {
  driven x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request& req) -> dcrf::task<> {
    self.send(json("before"));
    self.close(4001);
    self.close(4002);
    self.send(json("after"));
    self.reply(req, dcrf::response::ok());
    co_await self.runtime().sleep(1s);
    throw dcrf::not_found();
  };
  x.connect();
  x.request("act");
  x.driver.receive(ping, true);
  x.driver.deliver(message_to("lobby"));
  CHECK(x.session.budget().queued() == 0);
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.session.log == strings{"accept", "\"before\"", "close 4001"});
  x.driver.disconnect(1000);
  CHECK(x.session.log.back() == "finished");
}

TEST_CASE("a close drops the requests that wait", "[connection]") {
  driven x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
    self.close();
  };
  x.connect();
  x.request("act");
  x.driver.receive(ping, true);
  CHECK(x.session.queued_bytes == ping.size() + dcrf::holding_cost::queued);
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.session.log == strings{"accept", "close 1000"});
  CHECK(x.session.queued_bytes == 0);
}

TEST_CASE("the hook of the end waits for the running action", "[connection]") {
  driven x;
  x.steps.disconnected = [](dcrf::consumer& self) -> dcrf::task<> {
    self.send(json("too late"));
    co_await self.runtime().sleep(1s);
  };
  x.connect();
  x.request("pause");
  x.driver.disconnect(4005);
  CHECK(x.steps.seen == strings{"connected"});
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.steps.seen == strings{"connected", "pause resumed", "pause ended", "disconnected"});
  CHECK(x.steps.code == 4005);
  CHECK(x.session.log == strings{"accept"});
  x.session.finish(x.session.sleeping.at(1), {});
  CHECK(x.session.log == strings{"accept", "finished"});
  x.driver.disconnect(1000);
  CHECK(x.session.log.size() == 2);
}

TEST_CASE("requests that came before the end are handled, events are not", "[connection]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> { return self.group_add("lobby"); };
  x.steps.act = [&](dcrf::consumer& self, dcrf::request& req) -> dcrf::task<> {
    x.steps.seen.push_back("acted");
    self.reply(req, dcrf::response::ok());
    co_await self.group_add("late");
  };
  x.connect();
  x.session.finish(x.session.joining.at(0).second, {});
  x.request("pause");
  x.driver.deliver(message_to("lobby"));
  x.request("detached_pause");
  x.request("act");
  x.driver.disconnect(1000);
  CHECK(x.session.queued_bytes > 0);
  CHECK(x.session.log == strings{"accept", "leave lobby"});
  x.driver.receive(ping, true); // too late
  x.driver.deliver(message_to("lobby"));
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.steps.seen == strings{"connected", "pause resumed", "pause ended", "acted"});
  x.session.finish(x.session.joining.at(1).second, {});
  CHECK(x.steps.seen
        == strings{"connected", "pause resumed", "pause ended", "acted", "pause ended",
                   "disconnected"});
  CHECK(x.session.log == strings{"accept", "leave lobby", "leave late", "finished"});
  CHECK(x.session.queued_bytes == 0);
}

TEST_CASE("a failure of the last hook is logged, and the session ends", "[connection]") {
  driven x;
  x.steps.disconnected = [](dcrf::consumer&) -> dcrf::task<> {
    throw std::runtime_error("x");
    co_return;
  };
  x.connect();
  x.driver.disconnect(1000);
  CHECK(x.session.failures.size() == 1);
  CHECK(x.session.log == strings{"accept", "finished"});
}

TEST_CASE("detached actions and background work end with the connection", "[connection]") {
  driven x;
  x.steps.act = [&](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    self.spawn(static_cast<scripted&>(self).pause());
    co_return;
  };
  x.connect();
  x.request("act");
  x.request("detached_pause");
  REQUIRE(x.session.sleeping.size() == 2);
  x.driver.disconnect(1000);
  CHECK(x.steps.seen == strings{"connected", "pause ended", "pause ended", "disconnected"});
  x.session.finish(x.session.sleeping[0], {});
  x.session.finish(x.session.sleeping[1], {});
  CHECK(x.steps.seen.size() == 4);
}

TEST_CASE("no work is started when the connection has ended", "[connection]") {
  driven x;
  x.steps.disconnected = [](dcrf::consumer& self) -> dcrf::task<> {
    self.spawn(static_cast<scripted&>(self).pause());
    co_return;
  };
  x.connect();
  x.driver.disconnect(1000);
  CHECK(x.session.sleeping.empty());
  CHECK(x.session.log.back() == "finished");
}

TEST_CASE("a failure of background work is logged, and nothing else ends", "[connection]") {
  driven x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    auto work = []() -> dcrf::task<> {
      throw std::runtime_error("x");
      co_return;
    };
    self.spawn(work());
    co_return;
  };
  x.connect();
  x.request("act");
  CHECK(x.session.failures.size() == 1);
  x.driver.receive(ping, true);
  CHECK(x.session.log == strings{"accept", pong});
}

TEST_CASE("who disconnects while connecting is not accepted", "[connection]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
  };
  x.connect();
  x.driver.disconnect(1000);
  CHECK(x.steps.seen == strings{"connected"});
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.steps.seen == strings{"connected", "disconnected"});
  CHECK(x.session.log == strings{"finished"});
}

TEST_CASE("groups that are joined while the connection ends are left again", "[connection]") {
  driven x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
    co_await self.group_add("late");
  };
  x.connect();
  x.request("act");
  x.driver.disconnect(1000);
  x.session.finish(x.session.sleeping.at(0), {});
  x.session.finish(x.session.joining.at(0).second, {});
  CHECK(x.session.log == strings{"accept", "leave late", "finished"});
}

TEST_CASE("an abort ends everything at once, without the hook", "[connection]") {
  driven x;
  x.connect();
  x.request("detached_pause");
  x.request("pause");
  x.driver.receive(ping, true);
  x.driver.abort();
  CHECK(x.steps.seen == strings{"connected", "pause ended", "pause ended"});
  CHECK(x.session.budget().queued() == 0);
  x.session.finish(x.session.sleeping.at(0), {});
  x.driver.receive(ping, true);
  CHECK(x.session.log == strings{"accept"});
}

TEST_CASE("a driver that goes away takes its actions with it", "[connection]") {
  script steps;
  fake_session session;
  {
    dcrf::driver driver{session, {}, std::make_unique<scripted>(steps)};
    driver.connect(nullptr);
    driver.receive(R"({"action":"pause"})", true);
    REQUIRE(session.sleeping.size() == 1);
  }
  CHECK(steps.seen == strings{"connected", "pause ended"});
  session.finish(session.sleeping[0], {});
}

TEST_CASE("events come in order with requests", "[connection]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> { return self.group_add("lobby"); };
  x.steps.act = [](dcrf::consumer& self, dcrf::request& req) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
    self.reply(req, dcrf::response::ok(json("acted")));
  };
  x.connect();
  x.session.finish(x.session.joining.at(0).second, {});
  x.request("act");
  x.driver.deliver(message_to("lobby"));
  x.driver.receive(ping, true);
  x.session.finish(x.session.sleeping.at(0), {});
  REQUIRE(x.session.log.size() == 4);
  CHECK(json::parse(x.session.log[1])["data"] == "acted");
  CHECK(x.session.log[2] == R"("to lobby")");
  CHECK(x.session.log[3] == pong);
}

TEST_CASE("a transaction that is opened for nobody is given up", "[connection]") {
  driven x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    auto work = [](dcrf::consumer& at) -> dcrf::task<> {
      auto body = []() -> dcrf::task<> { co_return; };
      co_await at.runtime().atomic(body);
    };
    self.spawn(work(self));
    co_return;
  };
  x.connect();
  x.request("act");
  REQUIRE(x.session.submitted.size() == 1);
  auto begin = x.session.submitted[0].second;
  SECTION("when the connection ended before") {
    x.driver.disconnect(1000);
    x.session.finish(begin, {.transaction = 5});
    CHECK(x.session.abandoned == std::vector<std::uint64_t>{5});
  }
  SECTION("when the connection ends after") {
    x.session.finish(begin, {.transaction = 6});
    CHECK(x.session.submitted.size() == 2);
    x.driver.disconnect(1000);
    // The commit is under way already.
    CHECK(x.session.abandoned.empty());
    CHECK(x.session.submitted[1].first.transaction == 6);
  }
}

} // namespace disconnecting_tests
