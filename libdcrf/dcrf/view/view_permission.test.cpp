#include "dcrf/view/view_permission.hpp"

#include "dcrf/view/internal/test_items.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace view_test::permitting {

struct getting_permission : dcrf::view_permission<getting_permission> {
  bool allows(const dcrf::user_info&, std::string_view method) const {
    return method == "GET" || method == "HEAD";
  }
};
inline constexpr getting_permission is_getting{};

struct eve_permission : dcrf::permission {
  bool has_permission(const dcrf::request& x) const { return x.user().username == "eve"; }
};
inline constexpr eve_permission is_eve{};

template <class Permissions>
class permitting_consumer : public dcrf::api_consumer<permitting_consumer<Permissions>> {
public:
  using permissions = Permissions;

  dcrf::response done() { return dcrf::response::ok(); }

  using actions = dcrf::actions<dcrf::action<"list", &permitting_consumer::done>,
                                dcrf::action<"create", &permitting_consumer::done>>;
};

constexpr unsigned refused = 1403;

// The status of the reply, or that the connection was refused.
template <dcrf::permission_type auto... Permissions>
unsigned status(const dcrf::user_info& as, const char* action) {
  dcrf::test_server server{dcrf::schema::of<item>()};
  server.websocket<permitting_consumer<dcrf::permissions<Permissions...>>>("/");
  auto session = server.connect("/", as);
  if (!session.is_accepted()) {
    CHECK(session.refused_with() == 403);
    return refused;
  }
  session.send({{"action", action}});
  return session.receive()["response_status"];
}

const auto nobody = dcrf::user_info{};
const auto ann = user(1, "ann");
const auto eve = user(2, "eve", true);

TEST_CASE("actions stand for methods", "[view_permission]") {
  CHECK(dcrf::method_of_action("create") == "PUT");
  CHECK(dcrf::method_of_action("update") == "PATCH");
  CHECK(dcrf::method_of_action("list") == "GET");
  CHECK(dcrf::method_of_action("retrieve") == "GET");
  CHECK(dcrf::method_of_action("patch") == "PATCH");
  CHECK(dcrf::method_of_action("join_room") == "JOIN_ROOM");
  CHECK(dcrf::method_of_action("") == "");
  CHECK(dcrf::is_safe_method("OPTIONS"));
  CHECK_FALSE(dcrf::is_safe_method("get"));
  CHECK_FALSE(dcrf::is_safe_method("TRACE"));
}

TEST_CASE("a view permission is asked when a client connects", "[view_permission]") {
  CHECK(status<dcrf::drf::is_authenticated>(nobody, "list") == refused);
  CHECK(status<dcrf::drf::is_authenticated>(ann, "list") == 200);
  CHECK(status<dcrf::drf::allow_any>(nobody, "create") == 200);
  CHECK(status<dcrf::drf::is_admin_user>(ann, "list") == refused);
  CHECK(status<dcrf::drf::is_admin_user>(eve, "list") == 200);
}

TEST_CASE("a view permission knows the method that an action stands for", "[view_permission]") {
  CHECK(status<dcrf::drf::is_authenticated_or_read_only>(nobody, "list") == 200);
  CHECK(status<dcrf::drf::is_authenticated_or_read_only>(nobody, "create") == 403);
  CHECK(status<dcrf::drf::is_authenticated_or_read_only>(ann, "create") == 200);
  CHECK(status<is_getting>(ann, "list") == 200);
  CHECK(status<is_getting>(ann, "create") == 403);
}

TEST_CASE("view permissions compose with each other and with ordinary ones", "[view_permission]") {
  constexpr auto complex = dcrf::drf::is_admin_user || (dcrf::drf::is_authenticated && !is_getting);
  CHECK(status<complex>(nobody, "create") == refused);
  CHECK(status<complex>(eve, "create") == 200);
  // Not connected with HEAD, which the permission lets through, is connected by nobody.
  CHECK(status<!is_getting>(ann, "create") == refused);
  CHECK(status < dcrf::drf::is_authenticated && is_eve > (ann, "list") == 403);
  CHECK(status < dcrf::drf::is_authenticated && is_eve > (eve, "list") == 200);
  CHECK(status < dcrf::drf::is_authenticated || is_eve > (nobody, "list") == 403);
  CHECK(status<is_eve, dcrf::drf::is_authenticated>(nobody, "list") == refused);
}

} // namespace view_test::permitting
