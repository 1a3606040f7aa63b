// What a consumer does while its client takes less than it is sent.

#include "dcrf/session/internal/scripted.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace draining_tests {

using dcrf::json;
using strings = std::vector<std::string>;
using consumer_test::driven;
using consumer_test::message_to;
using consumer_test::ping;
using consumer_test::pong;

TEST_CASE("no request begins while much waits for the client", "[draining]") {
  driven x;
  x.connect();
  x.session.congested = true;
  x.driver.receive(ping, true);
  x.driver.receive(ping, true);
  CHECK(x.session.log == strings{"accept"});
  REQUIRE(x.session.draining.size() == 1);
  SECTION("until the client has taken most of it") {
    x.session.congested = false;
    x.session.finish(x.session.draining[0], {});
    CHECK(x.session.log == strings{"accept", pong, pong});
  }
  SECTION("and again if that is soon as much") {
    x.session.finish(x.session.draining[0], {});
    CHECK(x.session.draining.size() == 2);
    CHECK(x.session.log == strings{"accept"});
  }
  SECTION("and the end of the connection is no reason to wait") {
    x.session.congested = false;
    x.driver.disconnect(1000);
    x.session.finish(x.session.draining[0], {});
    CHECK(x.steps.seen == strings{"connected", "disconnected"});
    CHECK(x.session.log.back() == "finished");
  }
}

TEST_CASE("events wait with the requests", "[draining]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> { return self.group_add("lobby"); };
  x.connect();
  x.session.finish(x.session.joining.at(0).second, {});
  x.session.congested = true;
  x.driver.receive(ping, true);
  x.driver.deliver(message_to("lobby"));
  CHECK(x.session.log == strings{"accept"});
  x.session.congested = false;
  x.session.finish(x.session.draining.at(0), {});
  CHECK(x.session.log == strings{"accept", pong, R"("to lobby")"});
}

TEST_CASE("an action that sends much may wait", "[draining]") {
  driven x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request& req) -> dcrf::task<> {
    for (int i = 0; i < 3; ++i) {
      self.reply(req, dcrf::response::ok(json(i)));
      co_await self.drain();
    }
  };
  x.connect();
  x.request("act");
  CHECK(x.session.log.size() == 4);
  x.driver.receive(ping, true);
  CHECK(x.session.log.back() == pong);
  x.request("act");
  x.session.congested = true;
  x.session.log.clear();
  x.session.congested = false;
  x.steps.act = [&x](dcrf::consumer& self, dcrf::request& req) -> dcrf::task<> {
    x.session.congested = true;
    co_await self.drain();
    self.reply(req, dcrf::response::ok(json("later")));
  };
  x.request("act");
  CHECK(x.session.log.empty());
  x.session.congested = false;
  x.session.finish(x.session.draining.at(0), {});
  REQUIRE(x.session.log.size() == 1);
  CHECK(json::parse(x.session.log[0])["data"] == "later");
}

} // namespace draining_tests
