// What live subscriptions are told: a driver in a session that does only what the test says.

#include "dcrf/session/internal/live_delivery.hpp"

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/session/internal/fake_session.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::change_kind;
using dcrf::json;

namespace consumer_test::living {

class listener : public dcrf::api_consumer<listener> {
public:
  struct by_text : dcrf::model_observer<note> {
    using groups = dcrf::by<&note::text>;
  };
  struct words {
    std::string text;
    BOOST_DESCRIBE_CLASS(words, (), (text), (), ())
  };
  struct own {
    std::string live;
    BOOST_DESCRIBE_CLASS(own, (), (live), (), ())
  };

  dcrf::task<dcrf::response> add(words args, dcrf::request& req) {
    co_await subscribe<by_text>(req, args.text);
    co_return dcrf::response::created();
  }
  dcrf::response end(words args, dcrf::request& req) {
    unsubscribe<by_text>(req, args.text);
    return dcrf::response::no_content();
  }
  dcrf::response own_live(own args) { return dcrf::response::ok(json(args.live)); }

  using actions =
      dcrf::actions<dcrf::action<"add", &listener::add>, dcrf::action<"end", &listener::end>,
                    dcrf::action<"own_live", &listener::own_live>>;
};

dcrf::feed_position_ptr at(std::uint64_t order) {
  return std::make_shared<dcrf::feed_position>(
      dcrf::feed_position{order, "p" + std::to_string(order)});
}

dcrf::event_text_ptr text_of(const std::string& action) {
  return std::make_shared<dcrf::event_text>(
      dcrf::event_text::reply(dcrf::json_text{json(action)}, json(action).dump()));
}

struct bench {
  bench() {
    session.newest = at(10);
    driver.connect(nullptr);
  }

  void ask(const json& frame) { driver.receive(frame.dump(), true); }

  void subscribe(const std::string& id, const std::string& text, const json& live) {
    json frame{{"action", "add"}, {"request_id", id}, {"text", text}};
    if (!live.is_null()) {
      frame["live"] = live;
    }
    ask(frame);
    session.finish(session.joining.back().second, {});
  }

  // The messages of one change.
  std::shared_ptr<dcrf::live_event> change(std::uint64_t order) {
    auto result = std::make_shared<dcrf::live_event>();
    result->position = at(order);
    result->create = text_of("create");
    result->update = text_of("update");
    result->remove = text_of("delete");
    return result;
  }

  void tell(const std::string& text, change_kind kind,
            const std::shared_ptr<dcrf::live_event>& live) {
    auto message = std::make_shared<dcrf::group_message>();
    message->target = {&dcrf::observer_of<listener::by_text>(), "text=" + text};
    message->kind = kind;
    message->text = text_of(std::string{to_string(kind)});
    message->version = ++version;
    message->live = live;
    wants_end = driver.deliver(std::move(message));
  }

  void commit(std::uint64_t order, const std::string& text, change_kind kind) {
    tell(text, kind, change(order));
    if (wants_end) {
      driver.commit_ended(at(order));
    }
  }

  // What has come since the last call: action, request id, live.
  std::vector<std::string> told() {
    std::vector<std::string> result;
    for (const auto& frame : session.log) {
      auto x = json::parse(frame);
      result.push_back(x["action"].get<std::string>() + ' ' + x["request_id"].get<std::string>()
                       + ' ' + x.value("live", json{}).dump());
    }
    session.log.clear();
    return result;
  }

  void answer(dcrf::replay x) {
    auto asked = session.following.back();
    *asked.to = std::make_shared<const dcrf::replay>(std::move(x));
    session.finish(asked.answer, {});
  }

  std::uint64_t version = 0;
  bool wants_end = false;
  fake_session session;
  dcrf::driver driver{session, {}, std::make_unique<listener>()};
};

using strings = std::vector<std::string>;

TEST_CASE("a live subscription is told when the commit has ended, others at once", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json::object());
  x.subscribe("v", "a", nullptr);
  CHECK(x.told() == strings{R"(add w {"at":"p10"})", "add v null"});
  CHECK(x.session.channels().live() == 1);
  x.tell("a", change_kind::create, x.change(11));
  CHECK(x.wants_end);
  CHECK(x.told() == strings{"create v null"});
  x.tell("a", change_kind::update, x.change(11));
  CHECK(x.told() == strings{"update v null"});
  x.driver.commit_ended(at(11));
  CHECK(x.told() == strings{R"(create w {"more":true})", R"(update w {"at":"p11"})"});
  SECTION("and nobody is after the end") {
    x.ask({{"action", "end"}, {"request_id", "w"}, {"text", "a"}});
    x.told();
    CHECK(x.session.channels().live() == 0);
    x.commit(12, "a", change_kind::update);
    CHECK(x.told() == strings{"update v null"});
  }
}

TEST_CASE("what had committed before a live subscription is not told", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json::object());
  x.told();
  x.commit(10, "a", change_kind::create);
  CHECK(x.told().empty());
  x.commit(11, "a", change_kind::create);
  CHECK(x.told().size() == 1);
}

TEST_CASE("a change comes once to a subscription of several groups", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json::object());
  x.subscribe("w", "b", json::object());
  x.subscribe("v", "a", json::object());
  x.told();
  auto moved = x.change(11);
  x.tell("a", change_kind::remove, moved);
  x.tell("b", change_kind::create, moved);
  x.driver.commit_ended(at(11));
  auto told = x.told();
  std::ranges::sort(told);
  CHECK(told == strings{R"(delete v {"at":"p11"})", R"(update w {"at":"p11"})"});
}

TEST_CASE("a row whose key changed goes and comes", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json::object());
  x.told();
  auto renamed = x.change(11);
  renamed->key_before = std::int64_t{1};
  x.tell("a", change_kind::update, renamed);
  x.driver.commit_ended(at(11));
  CHECK(x.told() == strings{R"(delete w {"more":true})", R"(create w {"at":"p11"})"});
}

TEST_CASE("who reads too slowly catches up from the position that was sent last", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json::object());
  x.commit(11, "a", change_kind::create);
  x.told();
  x.session.congested = true;
  x.commit(12, "a", change_kind::update);
  CHECK(x.told().empty());
  REQUIRE(x.session.draining.size() == 1);
  x.commit(13, "a", change_kind::update);
  CHECK(x.session.queued_bytes == 0);
  x.session.congested = false;
  x.session.finish(x.session.draining.back(), {});
  REQUIRE(x.session.following.size() == 1);
  CHECK(x.session.following.back().what.since == "p11");
  SECTION("and then is told as before") {
    dcrf::replay found{.result = dcrf::replay::outcome::resumed, .cut = at(13)};
    found.changes.push_back({.observer = &dcrf::observer_of<listener::by_text>(),
                             .kind = change_kind::update,
                             .key = std::int64_t{1},
                             .text = text_of("update")});
    x.commit(14, "a", change_kind::remove);
    x.answer(std::move(found));
    CHECK(x.told() == strings{R"(update w {"at":"p13"})", R"(delete w {"at":"p14"})"});
  }
  SECTION("or is told that it has missed something") {
    x.answer({.result = dcrf::replay::outcome::expired, .cut = at(13)});
    CHECK(x.told() == strings{R"(missed w {"at":"p13","reason":"expired"})"});
  }
}

TEST_CASE("too many events for a busy client are dropped, and asked for later", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json::object());
  x.told();
  // Joins, and is busy until that is answered.
  x.ask({{"action", "add"}, {"request_id", "busy"}, {"text", "z"}});
  for (std::uint64_t order = 11; order < 5000; ++order) {
    x.commit(order, "a", change_kind::update);
  }
  CHECK(x.session.queued_bytes < 1200 * 1024);
  CHECK(x.session.following.empty());
  x.session.finish(x.session.joining.back().second, {});
  REQUIRE(x.session.following.size() == 1);
  CHECK(x.session.following.back().what.since == "p10");
}

TEST_CASE("a resumption is told after its reply, as one whole", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json{{"since", "p3"}});
  REQUIRE(x.session.following.size() == 1);
  CHECK(x.session.following.back().what.since == "p3");
  CHECK(x.told().empty());
  dcrf::replay found{.result = dcrf::replay::outcome::resumed, .cut = at(12)};
  SECTION("with what was missed") {
    for (auto kind : {change_kind::create, change_kind::remove}) {
      found.changes.push_back({.observer = &dcrf::observer_of<listener::by_text>(),
                               .kind = kind,
                               .text = text_of(std::string{to_string(kind)})});
    }
    x.commit(12, "a", change_kind::update);
    x.commit(13, "a", change_kind::update);
    x.answer(std::move(found));
    CHECK(x.told()
          == strings{R"(add w {"more":true,"resumed":true})", R"(create w {"more":true})",
                     R"(delete w {"at":"p12"})", R"(update w {"at":"p13"})"});
  }
  SECTION("which may be nothing") {
    x.answer(std::move(found));
    CHECK(x.told() == strings{R"(add w {"at":"p12","resumed":true})"});
  }
  SECTION("or is not known") {
    found.result = dcrf::replay::outcome::too_many;
    x.answer(std::move(found));
    CHECK(x.told() == strings{R"(add w {"at":"p12","reason":"too_many","resumed":false})"});
    x.commit(13, "a", change_kind::update);
    CHECK(x.told() == strings{R"(update w {"at":"p13"})"});
  }
  SECTION("and fails with the database") {
    x.answer({});
    CHECK(x.session.log.at(0) == "leave text=a");
    CHECK(json::parse(x.session.log.at(1))["response_status"] == 503);
    CHECK(x.session.channels().live() == 0);
  }
}

TEST_CASE("subscriptions that are told of nothing are told how far they are", "[live]") {
  bench x;
  x.session.log.clear();
  x.subscribe("w", "a", json::object());
  x.told();
  x.driver.position_reached({.position = at(20), .older_than = 9});
  CHECK(x.told().empty());
  x.driver.position_reached({.position = at(20), .older_than = 10});
  CHECK(x.told() == strings{R"(position w {"at":"p20"})"});
  x.commit(20, "a", change_kind::create);
  CHECK(x.told().empty());
}

TEST_CASE("live is refused where it can't be", "[live]") {
  bench x;
  x.session.log.clear();
  auto status = [&x](const json& frame) {
    x.ask(frame);
    auto result = json::parse(x.session.log.back())["response_status"].get<int>();
    x.session.log.clear();
    return result;
  };
  CHECK(status({{"action", "add"}, {"text", "a"}, {"live", json::object()}}) == 400);
  CHECK(status({{"action", "add"}, {"request_id", 1}, {"text", "a"}, {"live", 5}}) == 400);
  CHECK(status({{"action", "own_live"}, {"request_id", 1}, {"live", "mine"}}) == 200);
  x.session.newest = nullptr;
  CHECK(status({{"action", "add"}, {"request_id", 1}, {"text", "a"}, {"live", json::object()}})
        == 501);
  CHECK(x.session.joining.empty());
}

} // namespace consumer_test::living
