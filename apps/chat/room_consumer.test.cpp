#include "chat/room_consumer.hpp"

#include "dcrf/testing/test_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace {

// A server with the chat, and its users.
struct chat_server {
  chat_server() { server.websocket<chat::room_consumer>("/ws/chat/room/"); }

  dcrf::user_info user(const std::string& name) {
    chat::user draft{.username = name, .password = "-"};
    auto create = [&]() -> dcrf::task<chat::user> {
      co_return co_await server.runtime().repository<chat::user>().create(draft);
    };
    auto created = server.run(create());
    dcrf::user_info result;
    result.pk = created.id;
    result.username = name;
    return result;
  }

  dcrf::test_session connect(const dcrf::user_info& as) {
    return server.connect("/ws/chat/room/", as);
  }

  dcrf::test_server server{dcrf::schema::of<chat::user, chat::login, chat::room, chat::message>()};
};

json room(dcrf::test_session& session, const std::string& name) {
  session.send({{"action", "create"}, {"request_id", "r"}, {"data", {{"name", name}}}});
  return session.receive();
}

} // namespace

TEST_CASE("only users who are logged in can connect", "[chat]") {
  chat_server chat;
  auto session = chat.connect({});
  CHECK_FALSE(session.is_accepted());
  CHECK(session.refused_with() == 403);
}

TEST_CASE("who creates a room is its host", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  auto reply = room(ann, "lobby");
  CHECK(reply["response_status"] == 201);
  CHECK(reply["data"]
        == json{{"pk", 1},
                {"name", "lobby"},
                {"host", {{"id", 1}, {"username", "ann"}}},
                {"current_users", json::array()}});
}

TEST_CASE("everybody in a room is told who is here", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  auto bob = chat.connect(chat.user("bob"));
  room(ann, "lobby");
  json a{{"id", 1}, {"username", "ann"}};
  json b{{"id", 2}, {"username", "bob"}};

  ann.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
  CHECK(ann.receive() == json{{"usuarios", {a}}});
  bob.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
  CHECK(bob.receive() == json{{"usuarios", {a, b}}});
  CHECK(ann.receive() == json{{"usuarios", {a, b}}});

  SECTION("a lost connection leaves") {
    bob.disconnect();
    CHECK(ann.receive() == json{{"usuarios", {a}}});
  }
  SECTION("who has another connection in the room stays") {
    auto second = chat.connect([] {
      dcrf::user_info same;
      same.pk = 2;
      same.username = "bob";
      return same;
    }());
    second.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
    CHECK(second.receive() == json{{"usuarios", {a, b}}});
    bob.disconnect();
    CHECK(ann.is_silent());
    second.disconnect();
    CHECK(ann.receive() == json{{"usuarios", {a}}});
  }
  SECTION("leaving twice is leaving once") {
    bob.send({{"action", "leave_room"}, {"pk", 1}, {"request_id", 1}});
    bob.send({{"action", "leave_room"}, {"pk", 1}, {"request_id", 1}});
    CHECK(ann.receive() == json{{"usuarios", {a}}});
    CHECK(ann.is_silent());
    CHECK(bob.is_silent());
  }
}

TEST_CASE("the list of rooms shows who is present", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  auto bob = chat.connect(chat.user("bob"));
  room(ann, "lobby");
  auto listed = [&] {
    chat.server.run(chat::note_people(chat.server.runtime(), "room 1"));
    ann.send({{"action", "list"}, {"request_id", 1}});
    auto reply = ann.receive();
    std::vector<std::string> names;
    for (const auto& x : reply["data"][0]["current_users"]) {
      names.push_back(x["username"]);
    }
    return names;
  };
  using texts = std::vector<std::string>;
  CHECK(listed().empty());
  bob.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
  bob.receive();
  CHECK(listed() == texts{"bob"});
  CHECK(listed() == texts{"bob"});
  bob.disconnect();
  CHECK(listed().empty());
  // What an application's other keys are, or a room that is gone, is no matter.
  chat.server.run(chat::note_people(chat.server.runtime(), "room of horror"));
  chat.server.run(chat::note_people(chat.server.runtime(), "room 7"));
}

TEST_CASE("a message reaches those who subscribed to its room", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  auto bob = chat.connect(chat.user("bob"));
  room(ann, "lobby");
  room(ann, "attic");
  ann.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
  ann.receive();
  bob.send({{"action", "subscribe_to_messages_in_room"}, {"pk", 1}, {"request_id", "sub"}});
  CHECK(bob.receive()["response_status"] == 201);

  ann.send({{"action", "create_message"}, {"message", "  hello <b>  "}, {"request_id", 2}});
  auto reply = ann.receive();
  CHECK(reply["response_status"] == 201);
  CHECK(reply["data"]["text"] == "hello <b>");
  CHECK(reply["data"]["user"] == json{{"id", 1}, {"username", "ann"}});
  auto event = bob.receive();
  CHECK(event["action"] == "create");
  CHECK(event["request_id"] == "sub");
  CHECK(event["data"] == reply["data"]);

  bob.send({{"action", "unsubscribe_from_messages_in_room"}, {"pk", 1}, {"request_id", "sub"}});
  CHECK(bob.receive()["response_status"] == 204);
  ann.send({{"action", "create_message"}, {"message", "again"}, {"request_id", 3}});
  CHECK(ann.receive()["response_status"] == 201);
  CHECK(bob.is_silent());
}

TEST_CASE("a message must be one, and in a room", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  room(ann, "lobby");
  auto create = [&](const json& text) {
    ann.send({{"action", "create_message"}, {"message", text}, {"request_id", 1}});
    return ann.receive();
  };
  CHECK(create("hello")["errors"] == json{"Join a room first."});
  ann.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
  ann.receive();
  CHECK(create("  ")["errors"] == json{{{"text", {"This field may not be blank."}}}});
  CHECK(create(std::string(501, 'x'))["errors"]
        == json{{{"text", {"Ensure this field has no more than 500 characters."}}}});
  CHECK(create(5)["errors"] == json{{{"message", {"Not a valid string."}}}});
  CHECK(create("ok")["response_status"] == 201);
}

TEST_CASE("older messages come page by page", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  room(ann, "lobby");
  ann.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
  ann.receive();
  for (int i = 1; i <= 7; ++i) {
    ann.send({{"action", "create_message"}, {"message", std::to_string(i)}, {"request_id", 1}});
    ann.receive();
  }
  ann.send({{"action", "list_messages"}, {"room", 1}, {"limit", 3}, {"request_id", 1}});
  auto newest = ann.receive()["data"];
  REQUIRE(newest.size() == 3);
  CHECK(newest[0]["text"] == "7");
  ann.send({{"action", "list_messages"}, {"room", 1}, {"limit", 3}, {"before", newest[2]["id"]}});
  auto older = ann.receive()["data"];
  REQUIRE(older.size() == 3);
  CHECK(older[0]["text"] == "4");
}
