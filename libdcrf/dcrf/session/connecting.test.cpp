// How a connection begins: the driver in a session that does only what the test says.

#include "dcrf/session/internal/scripted.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>

namespace connecting_tests {

using dcrf::json;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;
using consumer_test::driven;
using consumer_test::message_to;
using consumer_test::ping;
using consumer_test::pong;

TEST_CASE("a client is accepted when the consumer's hook has ended", "[connection]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
  };
  x.connect();
  CHECK(x.session.log.empty());
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.session.log == strings{"accept"});
  x.driver.receive(ping, true);
  CHECK(x.session.log == strings{"accept", pong});
}

TEST_CASE("what the hook throws refuses the client", "[connection]") {
  driven x;
  SECTION("with the status of the error") {
    x.steps.connected = [](dcrf::consumer&) -> dcrf::task<> {
      throw dcrf::not_authenticated();
      co_return;
    };
    x.connect();
    CHECK(x.session.log == strings{"refuse 401"});
    CHECK(x.session.failures.empty());
  }
  SECTION("with 500 if it is unexpected") {
    x.steps.connected = [](dcrf::consumer&) -> dcrf::task<> {
      throw std::runtime_error("x");
      co_return;
    };
    x.connect();
    CHECK(x.session.log == strings{"refuse 500"});
    CHECK(x.session.failures == strings{"connecting"});
  }
  SECTION("also if it is no coroutine") {
    x.steps.connected = [](dcrf::consumer&) -> dcrf::task<> { throw dcrf::permission_denied(); };
    x.connect();
    CHECK(x.session.log == strings{"refuse 403"});
  }
  x.driver.receive(ping, true);
  CHECK(x.session.log.size() == 1);
  x.driver.disconnect(1000);
  CHECK(x.session.log.back() == "finished");
  CHECK(x.steps.seen == strings{"connected"});
}

TEST_CASE("closing while connecting refuses with 403", "[connection]") {
  driven x;
  SECTION("in the hook") {
    x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
      self.send(json("never sent"));
      self.close(4001);
      co_return;
    };
  }
  SECTION("in what the hook has started") {
    x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
      auto work = [](dcrf::consumer& at) -> dcrf::task<> {
        at.close();
        co_return;
      };
      self.spawn(work(self));
      co_return;
    };
  }
  x.connect();
  CHECK(x.session.log == strings{"refuse 403"});
}

TEST_CASE("an authenticator says who the user is, or that nobody may know", "[connection]") {
  driven x;
  SECTION("the user is known to the hook") {
    x.steps.connected = [&](dcrf::consumer& self) -> dcrf::task<> {
      x.steps.seen.push_back(self.user().username);
      co_return;
    };
    x.connect([](const dcrf::scope&, const dcrf::runtime& within) -> dcrf::task<dcrf::user_info> {
      co_await within.sleep(1s);
      dcrf::user_info result;
      result.username = "ann";
      co_return result;
    });
    CHECK(x.session.log.empty());
    x.session.finish(x.session.sleeping.at(0), {});
    CHECK(x.session.log == strings{"accept"});
    CHECK(x.steps.seen == strings{"connected", "ann"});
  }
  SECTION("its failure refuses the client before the hook") {
    x.connect([](const dcrf::scope&, const dcrf::runtime&) -> dcrf::task<dcrf::user_info> {
      throw dcrf::authentication_failed();
      co_return dcrf::user_info{};
    });
    CHECK(x.session.log == strings{"refuse 401"});
    CHECK(x.steps.seen.empty());
  }
}

TEST_CASE("what is sent before the client is accepted goes out then", "[connection]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    self.send(json("hello"));
    co_await self.runtime().sleep(1s);
    self.send(json("again"));
  };
  x.connect();
  CHECK(x.session.log.empty());
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.session.log == strings{"accept", "\"hello\"", "\"again\""});
}

TEST_CASE("a group that the hook joins reaches the client once it is accepted", "[connection]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    co_await self.group_add("lobby");
    co_await self.runtime().sleep(1s);
  };
  x.connect();
  REQUIRE(x.session.joining.size() == 1);
  x.session.finish(x.session.joining[0].second, {});
  x.driver.deliver(message_to("lobby"));
  x.driver.deliver(message_to("elsewhere"));
  CHECK(x.session.log.empty());
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.session.log == strings{"accept", R"("to lobby")"});
}

TEST_CASE("who is refused leaves its groups", "[connection]") {
  driven x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    co_await self.group_add("lobby");
    throw dcrf::permission_denied();
  };
  x.connect();
  x.session.finish(x.session.joining.at(0).second, {});
  CHECK(x.session.log == strings{"leave lobby", "refuse 403"});
}

} // namespace connecting_tests
