#include "dcrf/consumer/permissions.hpp"

#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::permitting {

struct eve_permission : dcrf::permission {
  bool has_permission(const dcrf::request& x) const { return x.user().username == "eve"; }
};
inline constexpr eve_permission is_eve{};

struct reading_permission : dcrf::permission {
  bool has_permission(const dcrf::request& x) const {
    return x.action() == "read"
           || (x.argument("secret") && x.argument("secret")->text() == "xyzzy");
  }
};
inline constexpr reading_permission reading{};

template <class Permissions>
class guarded : public dcrf::api_consumer<guarded<Permissions>> {
public:
  using permissions = Permissions;

  dcrf::response read() { return dcrf::response::ok(); }

  using actions = dcrf::actions<dcrf::action<"read", &guarded::read>>;
};

// What a user learns: the status of the handshake's refusal, or that of the reply.
template <dcrf::permission_type auto... Permissions>
unsigned status(const dcrf::user_info& as, const json& frame = {{"action", "read"}}) {
  dcrf::test_server server{all_models()};
  server.websocket<guarded<dcrf::permissions<Permissions...>>>("/");
  auto session = server.connect("/", as);
  if (!session.is_accepted()) {
    return session.refused_with();
  }
  session.send(frame);
  auto reply = session.receive();
  if (reply["response_status"] == 403) {
    CHECK(reply["errors"] == json::array({"You do not have permission to perform this action."}));
    return 1403;
  }
  return reply["response_status"];
}

const auto nobody = dcrf::user_info{};
const auto ann = user(1, "ann");
const auto boss = user(2, "boss", true);
const auto eve = user(3, "eve", true);

// A refused request, as opposed to a refused connection.
constexpr unsigned denied = 1403;

TEST_CASE("permissions of requests let everybody connect", "[permissions]") {
  CHECK(status<>(nobody) == 200);
  CHECK(status<dcrf::allow_any>(nobody) == 200);
  CHECK(status<dcrf::is_authenticated>(nobody) == denied);
  CHECK(status<dcrf::is_authenticated>(ann) == 200);
  CHECK(status<dcrf::is_staff>(ann) == denied);
  CHECK(status<dcrf::is_staff>(boss) == 200);
}

TEST_CASE("a permission may refuse the connection", "[permissions]") {
  CHECK(status<dcrf::authenticated_connection>(nobody) == 403);
  CHECK(status<dcrf::authenticated_connection>(ann) == 200);
}

TEST_CASE("all permissions of a list must agree", "[permissions]") {
  CHECK(status<dcrf::is_authenticated, dcrf::is_staff>(ann) == denied);
  CHECK(status<dcrf::is_authenticated, dcrf::is_staff>(boss) == 200);
  CHECK(status<dcrf::is_staff, dcrf::authenticated_connection>(nobody) == 403);
}

TEST_CASE("permissions compose to any depth", "[permissions]") {
  constexpr auto complex = is_eve || (dcrf::is_staff && !is_eve && dcrf::is_authenticated);
  CHECK(status<complex>(ann) == denied);
  CHECK(status<complex>(boss) == 200);
  CHECK(status<complex>(eve) == 200);
  CHECK(status < dcrf::is_staff && is_eve > (boss) == denied);
  CHECK(status < dcrf::is_staff && is_eve > (eve) == 200);
}

TEST_CASE("a composition holds for both questions", "[permissions]") {
  // Who lets everybody connect lets nobody connect when negated.
  CHECK(status<!dcrf::is_authenticated>(ann) == 403);
  CHECK(status<!dcrf::is_authenticated>(nobody) == 403);
  CHECK(status<!!dcrf::is_authenticated>(ann) == 200);
  CHECK(status<!!dcrf::is_authenticated>(nobody) == denied);
  // Refused only at the handshake: nobody who connects may do anything.
  CHECK(status<!dcrf::authenticated_connection>(nobody) == denied);
  CHECK(status<!dcrf::authenticated_connection>(ann) == 403);
  CHECK(status < dcrf::authenticated_connection || dcrf::is_staff > (nobody) == 200);
  CHECK(status < dcrf::authenticated_connection && dcrf::is_staff > (nobody) == 403);
  CHECK(status < dcrf::authenticated_connection && dcrf::is_staff > (ann) == denied);
}

TEST_CASE("a permission may ask for the action and its arguments", "[permissions]") {
  CHECK(status<reading>(nobody) == 200);
  CHECK(status<reading>(nobody, {{"action", "other"}}) == denied);
  CHECK(status<reading>(nobody, {{"action", "other"}, {"secret", "xyzzy"}}) == 405);
}

TEST_CASE("a missing action comes before permission, and permission before an unknown one",
          "[permissions]") {
  CHECK(status<dcrf::is_staff>(nobody, json::object()) == 405);
  CHECK(status<dcrf::is_staff>(nobody, {{"action", "unknown"}}) == denied);
}

} // namespace consumer_test::permitting
