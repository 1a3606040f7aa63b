// Permissions and querysets that look into the database.

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::awaiting {

int asked = 0;

dcrf::task<bool> is_known(const dcrf::user_info& who, const dcrf::runtime& within) {
  ++asked;
  auto named = dcrf::query<author>{}.filter(dcrf::column<&author::name> == who.username);
  co_return co_await within.repository<author>().exists(named);
}

struct author_permission : dcrf::permission {
  dcrf::task<bool> has_permission(const dcrf::request& req, const dcrf::runtime& within) const {
    return is_known(req.user(), within);
  }
};
inline constexpr author_permission is_author{};

struct author_connection_permission : dcrf::permission {
  dcrf::task<bool> can_connect(const dcrf::scope& x, const dcrf::runtime& within) const {
    return is_known(x.user, within);
  }
};
inline constexpr author_connection_permission author_connection{};

template <dcrf::permission_type auto... Permissions>
class guarded : public dcrf::api_consumer<guarded<Permissions...>> {
public:
  using permissions = dcrf::permissions<Permissions...>;

  dcrf::response read() { return dcrf::response::ok(); }

  using actions = dcrf::actions<dcrf::action<"read", &guarded::read>>;
};

// The status of the reply, or that of the handshake's refusal as a negative number.
template <dcrf::permission_type auto... Permissions>
int status(const std::string& name, bool is_staff = false) {
  dcrf::test_server server{all_models()};
  server.websocket<guarded<Permissions...>>("/");
  stored(server, author{.name = "ann"});
  auto session = server.connect("/", user(1, name, is_staff));
  if (!session.is_accepted()) {
    return -static_cast<int>(session.refused_with());
  }
  session.send({{"action", "read"}});
  return session.receive()["response_status"];
}

// Notes of the authors that the user shares its name with.
class own
    : public dcrf::model_consumer<own, note, note_serializer, dcrf::crud, dcrf::observe_instance> {
public:
  using permissions = dcrf::permissions<is_author>;

protected:
  dcrf::task<dcrf::query<note>> load_queryset(const dcrf::request& req) const override {
    auto named = dcrf::query<author>{}.filter(dcrf::column<&author::name> == req.user().username);
    auto found = co_await repository<author>().first(named);
    auto key = found ? std::optional{found->id} : std::nullopt;
    co_return dcrf::query<note>{}.filter(dcrf::column<&note::author> == key.value_or(0));
  }
};

// What is derived has the queryset of its base.
class derived : public dcrf::api_consumer<derived, own> {
public:
  using permissions = dcrf::permissions<dcrf::allow_any>;
};

TEST_CASE("a permission may look into the database", "[permissions]") {
  CHECK(status<is_author>("ann") == 200);
  CHECK(status<is_author>("bob") == 403);
  CHECK(status<author_connection>("ann") == 200);
  CHECK(status<author_connection>("bob") == -403);
}

TEST_CASE("permissions that await compose with others", "[permissions]") {
  CHECK(status < is_author && dcrf::is_staff > ("ann") == 403);
  CHECK(status < is_author && dcrf::is_staff > ("ann", true) == 200);
  CHECK(status < dcrf::is_staff && is_author > ("bob", true) == 403);
  CHECK(status < is_author || dcrf::is_staff > ("bob", true) == 200);
  CHECK(status < is_author || dcrf::is_staff > ("bob") == 403);
  CHECK(status<!!is_author>("ann") == 200);
  CHECK(status<!!is_author>("bob") == 403);
  CHECK(status<is_author, dcrf::is_staff>("ann") == 403);
  CHECK(status<dcrf::is_staff, is_author>("ann", true) == 200);
  CHECK(status < author_connection || dcrf::authenticated_connection > ("bob") == 200);
  CHECK(status<!author_connection>("ann") == -403);
  CHECK(status < author_connection && is_author > ("bob") == -403);
}

TEST_CASE("who is refused already is not looked for", "[permissions]") {
  asked = 0;
  CHECK(status < dcrf::is_staff && is_author > ("ann") == 403);
  CHECK(asked == 0);
  CHECK(status < is_author || dcrf::is_staff > ("ann") == 200);
  CHECK(asked == 1);
}

TEST_CASE("a queryset may look into the database, once for a request", "[permissions]") {
  dcrf::test_server server{all_models()};
  server.websocket<own>("/");
  server.websocket<derived>("/derived/");
  auto ann = stored(server, author{.name = "ann"});
  auto bob = stored(server, author{.name = "bob"});
  stored(server, note{.text = "one", .author = ann.id});
  stored(server, note{.text = "two", .author = ann.id});
  stored(server, note{.text = "his", .author = bob.id});
  auto path = GENERATE("/", "/derived/");
  auto client = server.connect(path, user(1, "ann"));
  auto request = [&](const json& frame) {
    client.send(frame);
    return client.receive();
  };
  asked = 0;
  CHECK(request({{"action", "list"}})["data"].size() == 2);
  CHECK(asked == (path == std::string{"/"} ? 1 : 0));
  CHECK(request({{"action", "retrieve"}, {"pk", 1}})["response_status"] == 200);
  CHECK(request({{"action", "retrieve"}, {"pk", 3}})["response_status"] == 404);
  CHECK(request({{"action", "patch"}, {"pk", 3}, {"data", {{"text", "x"}}}})["response_status"]
        == 404);
  CHECK(request({{"action", "delete"}, {"pk", 3}})["response_status"] == 404);
  CHECK(request({{"action", "subscribe_instance"}, {"pk", 3}, {"request_id", 7}})["response_status"]
        == 404);
  CHECK(request({{"action", "subscribe_instance"}, {"pk", 1}, {"request_id", 7}})["response_status"]
        == 201);
  stored(server, note{.text = "more", .author = ann.id});
  auto change = [&]() -> dcrf::task<> {
    auto row = co_await server.runtime().repository<note>().get(1);
    row.text = "changed";
    co_await server.runtime().repository<note>().update(row);
  };
  server.run(change());
  auto event = client.receive();
  CHECK(event["request_id"] == 7);
  CHECK(event["data"]["text"] == "changed");
}

} // namespace consumer_test::awaiting
