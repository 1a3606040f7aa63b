// The bookkeeping of groups and subscriptions on one connection.

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/session/internal/fake_session.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::subscribing {

class subscriber : public dcrf::api_consumer<subscriber> {
public:
  struct changes : dcrf::model_observer<note> {};
  // Tells which request ids it was handed.
  struct handled : dcrf::model_observer<note> {
    static dcrf::task<> handle(subscriber& self, const dcrf::observed& event) {
      auto ids = json::array();
      for (const auto& id : event.request_ids) {
        ids.push_back(json::parse(id));
      }
      self.send(json{{"ids", ids}, {"pk", event.message.body().to_json()["pk"]}});
      co_return;
    }
  };

  struct names {
    bool nameless{};
    BOOST_DESCRIBE_CLASS(names, (), (nameless), (), ())
  };
  struct talk {
    std::string name;
    std::optional<std::string> words;
    BOOST_DESCRIBE_CLASS(talk, (), (name, words), (), ())
  };

  template <class Observer>
  dcrf::task<dcrf::response> add(names args, dcrf::request& req) {
    if (args.nameless) {
      co_await subscribe_nameless<Observer>();
    } else {
      co_await subscribe<Observer>(req);
    }
    co_return dcrf::response::created();
  }
  template <class Observer>
  dcrf::response end(names args, dcrf::request& req) {
    if (args.nameless) {
      unsubscribe_all<Observer>();
    } else {
      unsubscribe<Observer>(req);
    }
    return dcrf::response::no_content();
  }

  dcrf::task<dcrf::response> join(talk args) {
    co_await group_add(args.name);
    co_return dcrf::response::ok();
  }
  dcrf::response leave(talk args) {
    group_discard(args.name);
    return dcrf::response::ok();
  }
  dcrf::response say(talk args) {
    group_send(args.name, json{{"heard", *args.words}});
    return dcrf::response::ok();
  }
  dcrf::response talk_to_self(talk args) {
    group_send(args.name, json(1));
    group_send(args.name, json(2));
    return dcrf::response::ok();
  }

  using actions = dcrf::actions<dcrf::action<"add", &subscriber::add<changes>>,
                                dcrf::action<"end", &subscriber::end<changes>>,
                                dcrf::action<"add_handled", &subscriber::add<handled>>,
                                dcrf::action<"end_handled", &subscriber::end<handled>>,
                                dcrf::action<"join", &subscriber::join>,
                                dcrf::action<"leave", &subscriber::leave>,
                                dcrf::action<"say", &subscriber::say>,
                                dcrf::detached_action<"detached_join", &subscriber::join>>;
};

struct bench {
  bench() { server.websocket<subscriber>("/"); }

  void ask(dcrf::test_session& from, const std::string& action, const json& id,
           bool nameless = false) {
    from.send({{"action", action}, {"request_id", id}, {"nameless", nameless}});
    CHECK(from.receive()["errors"].empty());
  }

  void talk(dcrf::test_session& from, const std::string& action, const std::string& name,
            const std::string& words = {}) {
    from.send({{"action", action}, {"name", name}, {"words", words}});
    CHECK(from.receive()["response_status"] == 200);
  }

  void change() {
    note draft{.text = "text"};
    stored(server, draft);
  }

  // The request ids of the events that wait.
  json ids(dcrf::test_session& of) {
    auto result = json::array();
    while (!of.is_silent()) {
      result.push_back(of.receive()["request_id"]);
    }
    return result;
  }

  dcrf::test_server server{all_models()};
};

TEST_CASE("request ids that differ in type differ", "[subscriptions]") {
  bench x;
  auto session = x.server.connect("/");
  for (const auto& id : {json(1), json("1"), json(true), json::parse("[1]"), json::parse("{}")}) {
    x.ask(session, "add", id);
  }
  CHECK(x.server.memberships() == 1);
  x.change();
  CHECK(x.ids(session) == json::parse(R"([1, "1", true, [1], {}])"));
  x.ask(session, "end", "1");
  x.change();
  CHECK(x.ids(session) == json::parse("[1, true, [1], {}]"));
}

TEST_CASE("subscribing twice with one request id counts once", "[subscriptions]") {
  bench x;
  auto session = x.server.connect("/");
  x.ask(session, "add", "a");
  x.ask(session, "add", "a");
  x.change();
  CHECK(x.ids(session) == json::array({"a"}));
  x.ask(session, "end", "a");
  CHECK(x.server.memberships() == 0);
  x.change();
  CHECK(session.is_silent());
}

TEST_CASE("a subscription without a name is one of its own", "[subscriptions]") {
  bench x;
  auto session = x.server.connect("/");
  x.ask(session, "add_handled", "ignored", true);
  x.change();
  CHECK(session.receive() == json{{"ids", json::array()}, {"pk", 1}});
  x.ask(session, "add_handled", "a");
  x.ask(session, "add_handled", 2);
  x.change();
  CHECK(session.receive() == json{{"ids", {"a", 2}}, {"pk", 2}});
  CHECK(session.is_silent());

  SECTION("the end of the last named one leaves it") {
    x.ask(session, "end_handled", "a");
    x.ask(session, "end_handled", 2);
    x.change();
    CHECK(session.receive()["ids"].empty());
  }
  SECTION("the end of all ends the named ones, too") {
    x.ask(session, "end_handled", "ignored", true);
    CHECK(x.server.memberships() == 0);
    x.change();
    CHECK(session.is_silent());
  }
}

TEST_CASE("a request without an id subscribes without a name", "[subscriptions]") {
  bench x;
  auto session = x.server.connect("/");
  x.ask(session, "add", nullptr);
  x.ask(session, "add_handled", nullptr);
  CHECK(x.server.memberships() == 2);
  x.change();
  CHECK(session.receive() == json{{"ids", json::array()}, {"pk", 1}});
  CHECK(session.is_silent());
  x.ask(session, "add", "a");
  x.ask(session, "end", nullptr);
  x.ask(session, "end_handled", nullptr);
  CHECK(x.server.memberships() == 0);
}

TEST_CASE("ending the nameless of a group that has none ends the named", "[subscriptions]") {
  bench x;
  auto session = x.server.connect("/");
  x.ask(session, "add", "a");
  x.ask(session, "end", "b");
  x.ask(session, "end_handled", "a");
  CHECK(x.server.memberships() == 1);
  x.ask(session, "end", nullptr, true);
  CHECK(x.server.memberships() == 0);
}

TEST_CASE("two observers never share a group", "[subscriptions]") {
  bench x;
  auto session = x.server.connect("/");
  x.ask(session, "add", "a");
  x.ask(session, "add_handled", "b");
  CHECK(x.server.memberships() == 2);
  x.ask(session, "end", "a");
  x.change();
  CHECK(session.receive()["ids"] == json::array({"b"}));
  CHECK(session.is_silent());
}

TEST_CASE("messages to a group reach each member once, in order", "[subscriptions]") {
  bench x;
  auto ann = x.server.connect("/");
  auto bob = x.server.connect("/");
  auto eve = x.server.connect("/");
  x.talk(ann, "join", "lobby");
  x.talk(ann, "join", "lobby");
  x.talk(bob, "join", "lobby");
  x.talk(bob, "join", "attic");
  x.talk(eve, "say", "lobby", "one");
  x.talk(eve, "say", "lobby", "two");
  x.talk(eve, "say", "attic", "three");
  CHECK(ann.receive() == json{{"heard", "one"}});
  CHECK(ann.receive() == json{{"heard", "two"}});
  CHECK(ann.is_silent());
  CHECK(bob.receive() == json{{"heard", "one"}});
  CHECK(bob.receive() == json{{"heard", "two"}});
  CHECK(bob.receive() == json{{"heard", "three"}});
  CHECK(eve.is_silent());
}

TEST_CASE("a message to one's own group comes after the reply", "[subscriptions]") {
  bench x;
  auto ann = x.server.connect("/");
  x.talk(ann, "join", "lobby");
  x.talk(ann, "say", "lobby", "hello");
  CHECK(ann.receive() == json{{"heard", "hello"}});
}

TEST_CASE("leaving a group once is enough, and needs no membership", "[subscriptions]") {
  bench x;
  auto ann = x.server.connect("/");
  x.talk(ann, "leave", "lobby");
  x.talk(ann, "join", "lobby");
  x.talk(ann, "join", "lobby");
  x.talk(ann, "leave", "lobby");
  CHECK(x.server.memberships() == 0);
  x.talk(ann, "say", "lobby", "nobody");
  CHECK(ann.is_silent());
}

TEST_CASE("a message that is under way when its member leaves is dropped", "[subscriptions]") {
  consumer_test::fake_session session;
  dcrf::driver driver{session, {}, std::make_unique<subscriber>()};
  driver.connect(nullptr);
  driver.receive(R"({"action":"join","name":"lobby"})", true);
  session.finish(session.joining.at(0).second, {});
  driver.receive(R"({"action":"leave","name":"lobby"})", true);
  session.log.clear();
  auto message = std::make_shared<dcrf::group_message>();
  message->target.key = "lobby";
  driver.deliver(message);
  CHECK(session.log.empty());
}

TEST_CASE("nobody is told of a membership before it is one", "[subscriptions]") {
  consumer_test::fake_session session;
  dcrf::driver driver{session, {}, std::make_unique<subscriber>()};
  driver.connect(nullptr);
  driver.receive(R"({"action":"detached_join","name":"lobby"})", true);
  driver.receive(R"({"action":"join","name":"lobby"})", true);
  session.log.clear();
  CHECK(session.log.empty());
  for (const auto& [name, answer] : std::vector{session.joining}) {
    session.finish(answer, {});
  }
  CHECK(session.log.size() == 2);
  driver.receive(R"({"action":"join","name":"lobby"})", true);
  CHECK(session.log.size() == 3);
}

} // namespace consumer_test::subscribing
