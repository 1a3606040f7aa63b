// Permissions that are asked about rows.

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::owning {

struct is_owner_permission : dcrf::permission {
  bool has_object_permission(const dcrf::request& req, const dcrf::instance& row) const {
    return row.as<note>().author == static_cast<std::int64_t>(req.user().pk);
  }
};
inline constexpr is_owner_permission is_owner{};

struct is_reading_permission : dcrf::permission {
  bool has_permission(const dcrf::request& req) const { return req.action() == "retrieve"; }
};
inline constexpr is_reading_permission is_reading{};

// Refuses everything, so that its negation allows everything but the rows of the user.
struct nothing_but_own_permission : is_owner_permission {
  bool can_connect(const dcrf::scope&) const { return false; }
  bool has_permission(const dcrf::request&) const { return false; }
};
inline constexpr nothing_but_own_permission nothing_but_own{};

class own
    : public dcrf::model_consumer<own, note, note_serializer, dcrf::crud, dcrf::observe_instance> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated && is_owner>;
};

class others : public dcrf::model_consumer<others, note, note_serializer, dcrf::retrieve_model> {
public:
  using permissions = dcrf::permissions<!nothing_but_own>;
};

class readable : public dcrf::model_consumer<readable, note, note_serializer, dcrf::crud> {
public:
  using permissions = dcrf::permissions<is_reading || is_owner>;
};

struct bench {
  bench() {
    server.websocket<own>("/own/");
    server.websocket<others>("/others/");
    server.websocket<readable>("/readable/");
    stored(server, author{.name = "ann"});
    stored(server, author{.name = "bob"});
    stored(server, note{.text = "hers", .author = 1});
    stored(server, note{.text = "his", .author = 2});
  }

  int status(const std::string& path, const std::string& action, int pk, json data = {}) {
    auto client = server.connect(path, user(1, "ann"));
    client.send({{"action", action}, {"request_id", 1}, {"pk", pk}, {"data", std::move(data)}});
    return client.receive()["response_status"];
  }

  std::string text_of(std::int64_t pk) {
    auto read = [&]() -> dcrf::task<std::string> {
      co_return (co_await server.runtime().repository<note>().get(pk)).text;
    };
    return server.run(read());
  }

  dcrf::test_server server{all_models()};
};

using consumer_test::note;
using consumer_test::updated;
using consumer_test::user;

TEST_CASE("every action on a row asks about the row", "[object permissions]") {
  bench x;
  json change{{"text", "new"}};
  for (const auto* action : {"retrieve", "update", "patch", "subscribe_instance", "delete"}) {
    CHECK(x.status("/own/", action, 2, change) == 403);
  }
  CHECK(x.text_of(2) == "his");
  CHECK(x.status("/own/", "retrieve", 1) == 200);
  CHECK(x.status("/own/", "patch", 1, change) == 200);
  CHECK(x.status("/own/", "subscribe_instance", 1) == 201);
  CHECK(x.status("/own/", "delete", 1) == 204);
  CHECK(x.status("/own/", "delete", 9) == 404);
}

TEST_CASE("object permissions compose", "[object permissions]") {
  bench x;
  CHECK(x.status("/others/", "retrieve", 1) == 403);
  CHECK(x.status("/others/", "retrieve", 2) == 200);
  CHECK(x.status("/readable/", "retrieve", 2) == 200);
  CHECK(x.status("/readable/", "delete", 2) == 403);
  CHECK(x.status("/readable/", "delete", 1) == 204);
}

TEST_CASE("a permission that is not asked about rows has no say about them",
          "[object permissions]") {
  using consumer_test::owning::is_owner;
  STATIC_REQUIRE(dcrf::object_permission_type<std::remove_const_t<decltype(is_owner)>>);
  STATIC_REQUIRE(dcrf::object_permission_type<decltype(dcrf::is_staff && is_owner)>);
  STATIC_REQUIRE_FALSE(dcrf::object_permission_type<decltype(!dcrf::is_staff)>);
  STATIC_REQUIRE_FALSE(dcrf::permissions<dcrf::is_staff>::asks_about_rows);
}

TEST_CASE("each event of a row asks again", "[object permissions]") {
  bench x;
  auto client = x.server.connect("/own/", user(1, "ann"));
  client.send({{"action", "subscribe_instance"}, {"request_id", "s"}, {"pk", 1}});
  client.receive();
  updated(x.server, note{.id = 1, .text = "still hers", .author = 1});
  CHECK(client.receive()["data"]["text"] == "still hers");
  updated(x.server, note{.id = 1, .text = "given away", .author = 2});
  CHECK(client.is_silent());
  consumer_test::removed<note>(x.server, 1);
  CHECK(client.is_silent());
}

TEST_CASE("who may see a row learns that it is gone", "[object permissions]") {
  bench x;
  auto client = x.server.connect("/own/", user(1, "ann"));
  client.send({{"action", "subscribe_instance"}, {"request_id", "s"}, {"pk", 1}});
  client.receive();
  consumer_test::removed<note>(x.server, 1);
  auto event = client.receive();
  CHECK(event["action"] == "delete");
  CHECK(event["data"] == json{{"pk", 1}});
}

TEST_CASE("a row is none of another model", "[object permissions]") {
  dcrf::record values{std::int64_t{1}, std::string{"ann"}};
  dcrf::instance row{dcrf::model_of<consumer_test::author>(), values};
  CHECK(row.as<consumer_test::author>().name == "ann");
  CHECK_THROWS_AS(row.as<note>(), std::logic_error);
}

} // namespace consumer_test::owning
