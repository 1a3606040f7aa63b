// How a connection begins and ends: the driver under a session that does only what the test says.

#include "dcrf/consumer/internal/fake_session.hpp"
#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

using dcrf::json;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace consumer_test::connecting {

// What the consumers of these tests do, and what they did.
struct script {
  std::function<dcrf::task<>(dcrf::consumer&)> connected;
  std::function<dcrf::task<>(dcrf::consumer&)> disconnected;
  std::function<dcrf::task<>(dcrf::consumer&, dcrf::request&)> act;
  strings seen;
};

class scripted : public dcrf::api_consumer<scripted> {
public:
  explicit scripted(script& x) : script_(&x) {}

  dcrf::task<> connected() override {
    script_->seen.push_back("connected");
    return script_->connected ? script_->connected(*this) : dcrf::task<>{};
  }
  dcrf::task<> disconnected() override {
    script_->seen.push_back("disconnected");
    return script_->disconnected ? script_->disconnected(*this) : dcrf::task<>{};
  }
  dcrf::task<> act(dcrf::request& req) { return script_->act(*this, req); }
  dcrf::task<> pause() {
    // What is in the coroutine's frame shows whether it was destroyed.
    auto guard = std::shared_ptr<void>(nullptr, [this](void*) { script_->seen.push_back("pause ended"); });
    co_await runtime().sleep(1h);
    script_->seen.push_back("pause resumed");
    co_return;
  }
  dcrf::response ping() { return dcrf::response::ok(json("pong")); }

  using actions = dcrf::actions<dcrf::action<"act", &scripted::act>,
                                dcrf::action<"pause", &scripted::pause>,
                                dcrf::detached_action<"detached_pause", &scripted::pause>,
                                dcrf::action<"ping", &scripted::ping>>;

private:
  script* script_;
};

const std::string ping = R"({"action":"ping","request_id":1})";
const std::string pong
    = R"({"errors":[],"data":"pong","action":"ping","response_status":200,"request_id":1})";

struct bench {
  void connect(const dcrf::authenticator& authenticate = nullptr) { driver.connect(authenticate); }

  void request(const std::string& action) {
    driver.receive(R"({"action":")" + action + R"("})", true);
  }

  script steps;
  fake_session session;
  dcrf::driver driver{session, {}, std::make_unique<scripted>(steps)};
};

dcrf::group_message_ptr message_to(const std::string& group) {
  auto result = std::make_shared<dcrf::group_message>();
  result->target.key = group;
  result->body = dcrf::json_text::trusted(R"("to )" + group + '"');
  return result;
}

} // namespace consumer_test::connecting

using namespace consumer_test::connecting;

TEST_CASE("a client is accepted when the consumer's hook has ended", "[connection]") {
  bench x;
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
  bench x;
  SECTION("with the status of the error") {
    x.steps.connected = [](dcrf::consumer&) -> dcrf::task<> { throw dcrf::not_authenticated(); co_return; };
    x.connect();
    CHECK(x.session.log == strings{"refuse 401"});
    CHECK(x.session.failures.empty());
  }
  SECTION("with 500 if it is unexpected") {
    x.steps.connected = [](dcrf::consumer&) -> dcrf::task<> { throw std::runtime_error("x"); co_return; };
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
  x.driver.disconnect();
  CHECK(x.session.log.back() == "finished");
  CHECK(x.steps.seen == strings{"connected"});
}

TEST_CASE("closing while connecting refuses with 403", "[connection]") {
  bench x;
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
  bench x;
  SECTION("the user is known to the hook") {
    x.steps.connected = [&](dcrf::consumer& self) -> dcrf::task<> {
      x.steps.seen.push_back(self.user().username);
      co_return;
    };
    x.connect([](const dcrf::scope&, const dcrf::runtime& within) -> dcrf::task<dcrf::user_info> {
      co_await within.sleep(1s);
      co_return consumer_test::user(7, "ann");
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
  bench x;
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
  bench x;
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
  bench x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    co_await self.group_add("lobby");
    throw dcrf::permission_denied();
  };
  x.connect();
  x.session.finish(x.session.joining.at(0).second, {});
  CHECK(x.session.log == strings{"leave lobby", "refuse 403"});
}

TEST_CASE("after a close nothing is handled or sent", "[connection]") {
  bench x;
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
  CHECK(x.driver.queued_bytes() == 0);
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.session.log == strings{"accept", "\"before\"", "close 4001"});
  x.driver.disconnect();
  CHECK(x.session.log.back() == "finished");
}

TEST_CASE("a close drops the requests that wait", "[connection]") {
  bench x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
    self.close();
  };
  x.connect();
  x.request("act");
  x.driver.receive(ping, true);
  CHECK(x.session.queued_bytes == ping.size());
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.session.log == strings{"accept", "close 1000"});
  CHECK(x.session.queued_bytes == 0);
}

TEST_CASE("the hook of the end waits for the running action", "[connection]") {
  bench x;
  x.steps.disconnected = [](dcrf::consumer& self) -> dcrf::task<> {
    self.send(json("too late"));
    co_await self.runtime().sleep(1s);
  };
  x.connect();
  x.request("pause");
  x.driver.receive(ping, true);
  x.driver.disconnect();
  CHECK(x.session.queued_bytes == 0);
  CHECK(x.steps.seen == strings{"connected"});
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.steps.seen == strings{"connected", "pause resumed", "pause ended", "disconnected"});
  CHECK(x.session.log == strings{"accept"});
  x.session.finish(x.session.sleeping.at(1), {});
  CHECK(x.session.log == strings{"accept", "finished"});
  x.driver.disconnect();
  CHECK(x.session.log.size() == 2);
}

TEST_CASE("a failure of the last hook is logged, and the session ends", "[connection]") {
  bench x;
  x.steps.disconnected = [](dcrf::consumer&) -> dcrf::task<> { throw std::runtime_error("x"); co_return; };
  x.connect();
  x.driver.disconnect();
  CHECK(x.session.failures.size() == 1);
  CHECK(x.session.log == strings{"accept", "finished"});
}

TEST_CASE("detached actions and background work end with the connection", "[connection]") {
  bench x;
  x.steps.act = [&](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    self.spawn(static_cast<scripted&>(self).pause());
    co_return;
  };
  x.connect();
  x.request("act");
  x.request("detached_pause");
  REQUIRE(x.session.sleeping.size() == 2);
  x.driver.disconnect();
  CHECK(x.steps.seen == strings{"connected", "pause ended", "pause ended", "disconnected"});
  x.session.finish(x.session.sleeping[0], {});
  x.session.finish(x.session.sleeping[1], {});
  CHECK(x.steps.seen.size() == 4);
}

TEST_CASE("no work is started when the connection has ended", "[connection]") {
  bench x;
  x.steps.disconnected = [](dcrf::consumer& self) -> dcrf::task<> {
    self.spawn(static_cast<scripted&>(self).pause());
    co_return;
  };
  x.connect();
  x.driver.disconnect();
  CHECK(x.session.sleeping.empty());
  CHECK(x.session.log.back() == "finished");
}

TEST_CASE("a failure of background work is logged, and nothing else ends", "[connection]") {
  bench x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    auto work = []() -> dcrf::task<> { throw std::runtime_error("x"); co_return; };
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
  bench x;
  x.steps.connected = [](dcrf::consumer& self) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
  };
  x.connect();
  x.driver.disconnect();
  CHECK(x.steps.seen == strings{"connected"});
  x.session.finish(x.session.sleeping.at(0), {});
  CHECK(x.steps.seen == strings{"connected", "disconnected"});
  CHECK(x.session.log == strings{"finished"});
}

TEST_CASE("groups that are joined while the connection ends are left again", "[connection]") {
  bench x;
  x.steps.act = [](dcrf::consumer& self, dcrf::request&) -> dcrf::task<> {
    co_await self.runtime().sleep(1s);
    co_await self.group_add("late");
  };
  x.connect();
  x.request("act");
  x.driver.disconnect();
  x.session.finish(x.session.sleeping.at(0), {});
  x.session.finish(x.session.joining.at(0).second, {});
  CHECK(x.session.log == strings{"accept", "leave late", "finished"});
}

TEST_CASE("an abort ends everything at once, without the hook", "[connection]") {
  bench x;
  x.connect();
  x.request("detached_pause");
  x.request("pause");
  x.driver.receive(ping, true);
  x.driver.abort();
  CHECK(x.steps.seen == strings{"connected", "pause ended", "pause ended"});
  CHECK(x.driver.queued_bytes() == 0);
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
  bench x;
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
  bench x;
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
    x.driver.disconnect();
    x.session.finish(begin, {.transaction = 5});
    CHECK(x.session.abandoned == std::vector<std::uint64_t>{5});
  }
  SECTION("when the connection ends after") {
    x.session.finish(begin, {.transaction = 6});
    CHECK(x.session.submitted.size() == 2);
    x.driver.disconnect();
    // The commit is under way already.
    CHECK(x.session.abandoned.empty());
    CHECK(x.session.submitted[1].first.transaction == 6);
  }
}
