// Clients that watch single rows: the subscribe_instance of model consumers.

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::watching {

class authors : public dcrf::model_consumer<authors, author, author_serializer, dcrf::crud,
                                            dcrf::observe_instance> {};

struct no_update_permission : dcrf::permission {
  bool has_permission(const dcrf::request& req) const {
    return req.action() != "update" && !req.argument("forbidden");
  }
};
inline constexpr no_update_permission no_update{};

class denied_authors : public dcrf::model_consumer<denied_authors, author, author_serializer,
                                                   dcrf::observe_instance> {
public:
  using permissions = dcrf::permissions<no_update>;
};

struct club_serializer : dcrf::model_serializer<club> {
  using fields = dcrf::shown<dcrf::field<&club::id>, dcrf::field<&club::members>>;
};

class clubs : public dcrf::model_consumer<clubs, club, club_serializer, dcrf::observe_instance> {
public:
  static constexpr bool watches_relations = true;
};

class plain_clubs
    : public dcrf::model_consumer<plain_clubs, club, club_serializer, dcrf::observe_instance> {};

struct bench {
  bench() {
    server.websocket<authors>("/authors/");
    server.websocket<denied_authors>("/denied/");
    server.websocket<clubs>("/clubs/");
    server.websocket<plain_clubs>("/plain/");
    author ann{.name = "ann"};
    author bob{.name = "bob"};
    stored(server, ann);
    stored(server, bob);
  }

  // Sends a request about a row, and returns the status of its reply.
  unsigned ask(dcrf::test_session& session, const std::string& action, const json& id,
               std::int64_t pk = 1) {
    session.send({{"action", action}, {"request_id", id}, {"pk", pk}});
    auto reply = session.receive();
    CHECK(reply["action"] == action);
    CHECK((reply["data"].is_null() || action == "retrieve"));
    return reply["response_status"];
  }

  void rename(std::int64_t id, const std::string& name) {
    author row{.id = id, .name = name};
    updated(server, row);
  }

  dcrf::test_server server{all_models()};
};

json event(const json& id, const std::string& action, unsigned status, const json& data) {
  return {{"errors", json::array()},
          {"data", data},
          {"action", action},
          {"response_status", status},
          {"request_id", id}};
}

using consumer_test::author;
using consumer_test::club;
using consumer_test::removed;

TEST_CASE("who subscribes to a row learns of its changes", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/authors/");
  CHECK(x.ask(session, "subscribe_instance", "w") == 201);
  x.rename(2, "rob");
  CHECK(session.is_silent());
  x.rename(1, "anna");
  CHECK(session.receive() == event("w", "update", 200, {{"id", 1}, {"name", "anna"}}));
  removed<author>(x.server, 1);
  CHECK(session.receive() == event("w", "delete", 204, {{"pk", 1}}));
  CHECK(session.is_silent());
}

TEST_CASE("a change of one's own comes after its reply", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/authors/");
  x.ask(session, "subscribe_instance", "w");
  session.send({{"action", "patch"}, {"request_id", 2}, {"pk", 1}, {"data", {{"name", "anna"}}}});
  CHECK(session.receive()["request_id"] == 2);
  CHECK(session.receive()["request_id"] == "w");
}

TEST_CASE("a subscription needs a row and a request id", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/authors/");
  CHECK(x.ask(session, "subscribe_instance", "w", 9) == 404);
  CHECK(x.ask(session, "subscribe_instance", nullptr) == 400);
  session.send({{"action", "subscribe_instance"}, {"request_id", 1}});
  CHECK(session.receive()["response_status"] == 400);
  CHECK(x.server.memberships() == 0);
}

TEST_CASE("each request id of a row gets its event, once", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/authors/");
  for (const auto& id : {json(1), json("1"), json(1.0), json(1)}) {
    CHECK(x.ask(session, "subscribe_instance", id) == 201);
  }
  CHECK(x.server.memberships() == 1);
  x.rename(1, "anna");
  CHECK(session.receive()["request_id"].is_number_integer());
  CHECK(session.receive()["request_id"] == "1");
  CHECK(session.receive()["request_id"].is_number_float());
  CHECK(session.is_silent());
}

TEST_CASE("a subscription ends alone", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/authors/");
  x.ask(session, "subscribe_instance", "a");
  x.ask(session, "subscribe_instance", "b");
  x.ask(session, "subscribe_instance", "a", 2);
  x.rename(1, "one");
  session.receive();
  session.receive();

  SECTION("by its request id and its row") {
    CHECK(x.ask(session, "unsubscribe_instance", "a") == 204);
    x.rename(1, "two");
    CHECK(session.receive()["request_id"] == "b");
    x.rename(2, "three");
    CHECK(session.receive()["request_id"] == "a");
  }
  SECTION("unknown ones are ignored") {
    CHECK(x.ask(session, "unsubscribe_instance", "c") == 204);
    CHECK(x.server.memberships() == 2);
  }
  SECTION("without a request id all of the row end") {
    CHECK(x.ask(session, "unsubscribe_instance", nullptr) == 204);
    CHECK(x.server.memberships() == 1);
    x.rename(1, "two");
    CHECK(session.is_silent());
    x.rename(2, "three");
    CHECK(session.receive()["request_id"] == "a");
  }
  SECTION("the last one leaves the group") {
    x.ask(session, "unsubscribe_instance", "a");
    x.ask(session, "unsubscribe_instance", "b");
    CHECK(x.server.memberships() == 1);
  }
  CHECK(session.is_silent());
}

TEST_CASE("permissions are asked again for each event", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/denied/");
  CHECK(x.ask(session, "subscribe_instance", "w") == 201);
  x.rename(1, "anna");
  CHECK(session.is_silent());
  removed<author>(x.server, 1);
  CHECK(session.receive()["action"] == "delete");
}

TEST_CASE("an event shows the row as it is when it is delivered", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/authors/");
  x.ask(session, "subscribe_instance", "w");
  auto twice = [&]() -> dcrf::task<> {
    author first{.id = 1, .name = "first"};
    author second{.id = 1, .name = "second"};
    auto a = x.server.runtime().repository<author>().update(first);
    auto b = x.server.runtime().repository<author>().update(second);
    co_await a;
    co_await b;
  };
  x.server.run(twice());
  CHECK(session.receive()["action"] == "update");
  CHECK(session.receive()["data"]["name"] == "second");
}

TEST_CASE("relations are watched if the consumer says so", "[observe_instance]") {
  bench x;
  club draft{.name = "chess"};
  stored(x.server, draft);
  auto watching = x.server.connect("/clubs/");
  auto plain = x.server.connect("/plain/");
  CHECK(x.ask(watching, "subscribe_instance", "w") == 201);
  CHECK(x.ask(plain, "subscribe_instance", "w") == 201);
  auto add = [&]() -> dcrf::task<> {
    co_await x.server.runtime().related<&club::members>(1).add(2);
  };
  x.server.run(add());
  CHECK(watching.receive()["data"] == json{{"id", 1}, {"members", json::array({2})}});
  CHECK(plain.is_silent());
  club renamed{.id = 1, .name = "go"};
  updated(x.server, renamed);
  CHECK(plain.receive()["action"] == "update");
}

TEST_CASE("who is gone watches nothing", "[observe_instance]") {
  bench x;
  auto session = x.server.connect("/authors/");
  x.ask(session, "subscribe_instance", "w");
  CHECK(x.server.memberships() == 1);
  session.disconnect();
  CHECK(x.server.memberships() == 0);
}

} // namespace consumer_test::watching
