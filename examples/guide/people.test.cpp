#include <catch2/catch.hpp>
#include <dcrf/consumer/consumer.hpp>
#include <dcrf/consumer/presence.hpp>
#include <dcrf/testing/test_server.hpp>
#include <nlohmann/json.hpp>

namespace guide::people {

// [extra]
dcrf::task<dcrf::user_info> authenticate(const dcrf::scope& connection, const dcrf::runtime&) {
  dcrf::user_info result;
  result.username = connection.query("user").value_or("");
  result.pk = result.username == "ann" ? 1 : 2;
  result.extra = dcrf::json{{"teams", {result.pk == dcrf::key{1} ? "birds" : "fish"}}};
  co_return result;
}

struct in_birds_permission : dcrf::permission {
  bool has_permission(const dcrf::request& req) const {
    const auto known = req.user().extra.to_json();
    return known.is_object() && known["teams"].dump().find("\"birds\"") != std::string::npos;
  }
};
inline constexpr in_birds_permission in_birds{};
// [extra]

// [inbox]
class inbox_consumer : public dcrf::api_consumer<inbox_consumer> {
public:
  using permissions = dcrf::permissions<dcrf::authenticated_connection, in_birds>;

  dcrf::task<> connected() override { co_await join_user_group(); }

  struct letter {
    std::int64_t to{};
    std::string text;
    BOOST_DESCRIBE_CLASS(letter, (), (to, text), (), ())
  };

  void write(letter args) {
    send_to_user(args.to, dcrf::json{{"from", user().username}, {"text", args.text}});
  }

  using actions = dcrf::actions<dcrf::action<"write", &inbox_consumer::write>>;
};
// [inbox]

// [room]
class room_consumer : public dcrf::api_consumer<room_consumer> {
public:
  using permissions = dcrf::permissions<dcrf::authenticated_connection>;

  dcrf::task<> connected() override {
    dcrf::presence room{runtime(), "room " + std::string{scope().parameter("room")}};
    // First the group, then the entry: so nobody is missed, and one's own entry arrives, too.
    co_await group_add(room.group());
    here_ = room.enter(dcrf::json{{"name", user().username}, {"status", "online"}});
  }

  dcrf::response people() {
    dcrf::presence room{runtime(), "room " + std::string{scope().parameter("room")}};
    auto names = dcrf::json::array();
    for (const auto& who : room.list()) {
      names.push_back(who.to_json());
    }
    return dcrf::response::ok(names);
  }

  using actions = dcrf::actions<dcrf::action<"people", &room_consumer::people>>;

private:
  dcrf::presence_entry here_;
};
// [room]

} // namespace guide::people

using dcrf::json;
using namespace guide::people;

TEST_CASE("all connections of a user get what is sent to the user", "[guide]") {
  dcrf::test_server server{dcrf::schema{}};
  server.websocket<inbox_consumer>("/ws/inbox/");
  server.authenticate(&authenticate);
  auto ann = server.connect("/ws/inbox/?user=ann");
  auto bob = server.connect("/ws/inbox/?user=bob");
  auto bob_too = server.connect("/ws/inbox/?user=bob");
  ann.send({{"action", "write"}, {"to", 2}, {"text", "Look!"}});
  CHECK(bob.receive() == json{{"from", "ann"}, {"text", "Look!"}});
  CHECK(bob_too.receive() == json{{"from", "ann"}, {"text", "Look!"}});
  CHECK(ann.is_silent());

  bob.send({{"action", "write"}, {"to", 1}, {"text", "May I?"}});
  CHECK(bob.receive()["response_status"] == 403);
}

TEST_CASE("a room knows who is there", "[guide]") {
  dcrf::test_server server{dcrf::schema{}};
  server.websocket<room_consumer>("/ws/rooms/<int:room>/");
  server.authenticate(&authenticate);
  auto ann = server.connect("/ws/rooms/7/?user=ann");
  auto own = ann.receive();
  CHECK(own["event"] == "join");
  CHECK(own["who"]["name"] == "ann");
  {
    auto bob = server.connect("/ws/rooms/7/?user=bob");
    CHECK(ann.receive()["who"]["name"] == "bob");
    ann.send({{"action", "people"}});
    CHECK(ann.receive()["data"].size() == 2);
  }
  auto left = ann.receive();
  CHECK(left["event"] == "leave");
  CHECK(left["presence"] == "room 7");
}
