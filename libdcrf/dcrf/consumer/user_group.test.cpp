#include "dcrf/consumer/consumer.hpp"
#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace user_group_tests {

using dcrf::json;

namespace {

class inbox : public dcrf::api_consumer<inbox> {
public:
  using permissions = dcrf::permissions<dcrf::allow_any>;

  dcrf::task<> connected() override { co_await join_user_group(); }
  void notify() { send_to_user(2, json{{"you", "have mail"}}); }
  dcrf::response whoami(dcrf::request& req) { return dcrf::response::ok(req.user().extra); }

  using actions =
      dcrf::actions<dcrf::action<"notify", &inbox::notify>, dcrf::action<"whoami", &inbox::whoami>>;
};

class silent : public dcrf::api_consumer<silent> {
public:
  using permissions = dcrf::permissions<dcrf::allow_any>;
};

} // namespace

TEST_CASE("a message to a user reaches all of the user's connections", "[groups]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<inbox>("/inbox/");
  server.websocket<silent>("/silent/");
  auto ann = server.connect("/inbox/", consumer_test::user(1, "ann"));
  auto bob = server.connect("/inbox/", consumer_test::user(2, "bob"));
  auto bob_again = server.connect("/inbox/", consumer_test::user(2, "bob"));
  auto bob_elsewhere = server.connect("/silent/", consumer_test::user(2, "bob"));
  auto nobody = server.connect("/inbox/");
  CHECK(server.memberships() == 3);
  ann.send({{"action", "notify"}});
  CHECK(bob.receive() == json{{"you", "have mail"}});
  CHECK(bob_again.receive() == json{{"you", "have mail"}});
  CHECK(bob_elsewhere.is_silent());
  CHECK(nobody.is_silent());
  CHECK(ann.is_silent());

  server.runtime().send_to_user(1, json("hello"));
  CHECK(ann.receive() == "hello");
}

TEST_CASE("a user has what else is known of them", "[groups]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<inbox>("/inbox/");
  auto ann = consumer_test::user(1, "ann");
  ann.extra = json{{"tenant", "acme"}};
  auto session = server.connect("/inbox/", ann);
  session.send({{"action", "whoami"}});
  CHECK(session.receive()["data"] == json{{"tenant", "acme"}});
}

} // namespace user_group_tests
