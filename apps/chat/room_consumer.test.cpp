#include "chat/room_consumer.hpp"

#include "dcrf/testing/test_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "chat/accounts.hpp"

namespace room_consumer_tests {

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

TEST_CASE("who entered a room is told of changes only, those of a moment together", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  auto bob = chat.connect(chat.user("bob"));
  auto eve = chat.connect(chat.user("eve"));
  auto dan = chat.connect(chat.user("dan"));
  room(ann, "lobby");
  json a{{"id", 1}, {"username", "ann"}};
  json b{{"id", 2}, {"username", "bob"}};
  json e{{"id", 3}, {"username", "eve"}};
  json d{{"id", 4}, {"username", "dan"}};
  auto enter = [](dcrf::test_session& who) {
    who.send({{"action", "enter_room"}, {"pk", 1}, {"request_id", "in"}});
    auto reply = who.receive();
    CHECK(reply["request_id"] == "in");
    CHECK(reply["response_status"] == 200);
    return reply["data"];
  };
  auto told = [&] {
    auto event = ann.receive();
    CHECK(event["action"] == "people");
    CHECK(event["request_id"] == "in");
    return event["data"];
  };

  // Of oneself it is told, too.
  CHECK(enter(ann) == json{{"room", {{"pk", 1}, {"name", "lobby"}, {"host", a}}}, {"people", {a}}});
  CHECK(told() == json{{"came", {a}}, {"went", json::array()}});
  CHECK(enter(bob)["people"] == json{a, b});
  enter(eve);
  enter(dan);
  dan.disconnect();
  CHECK(told() == json{{"came", {b, e}}, {"went", {4}}});
  eve.disconnect();
  bob.send({{"action", "leave_room"}, {"pk", 1}, {"request_id", 1}});
  CHECK(told() == json{{"came", json::array()}, {"went", {2, 3}}});
  CHECK(ann.is_silent());

  ann.send({{"action", "enter_room"}, {"pk", 7}, {"request_id", "in"}});
  CHECK(ann.receive()["response_status"] == 404);
}

TEST_CASE("who joined a room is told of many changes of a moment together", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  room(ann, "lobby");
  std::vector<dcrf::test_session> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(chat.connect(chat.user(fmt::format("guest {}", i))));
  }
  ann.send({{"action", "join_room"}, {"pk", 1}, {"request_id", 1}});
  for (auto& x : others) {
    x.send({{"action", "enter_room"}, {"pk", 1}, {"request_id", 1}});
  }
  for (std::size_t seen = 1; seen <= 8; ++seen) {
    CHECK(ann.receive()["usuarios"].size() == seen);
  }
  CHECK(ann.receive()["usuarios"].size() == 21);
  CHECK(ann.is_silent());
}

TEST_CASE("who watches the list of rooms is told how many are there, not who", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  json a{{"id", 1}, {"username", "ann"}};
  room(ann, "lobby");
  ann.send({{"action", "watch_rooms"}, {"request_id", "w"}});
  CHECK(ann.receive()["response_status"] == 201);
  std::vector<dcrf::test_session> guests;
  for (int i = 0; i < 6; ++i) {
    guests.push_back(chat.connect(chat.user(fmt::format("guest {}", i))));
    guests.back().send({{"action", "enter_room"}, {"pk", 1}, {"request_id", 1}});
    guests.back().receive();
  }
  chat.server.run(chat::note_people(chat.server.runtime(), "room 1"));
  auto is_right = [&](const json& x) {
    CHECK(x["pk"] == 1);
    CHECK(x["name"] == "lobby");
    CHECK(x["host"] == a);
    CHECK(x["here"]["count"] == 6);
    CHECK(x["here"]["some"].size() == 4);
    CHECK(x["here"]["some"][0] == json{{"id", 2}, {"username", "guest 0"}});
    CHECK_FALSE(x.contains("current_users"));
  };
  // Six have come: one event at once, one for all others.
  for (int i = 0; i < 2; ++i) {
    auto event = ann.receive();
    CHECK(event["action"] == "update");
    CHECK(event["request_id"] == "w");
    is_right(event["data"]);
  }
  CHECK(ann.is_silent());
  ann.send({{"action", "list_rooms"}, {"request_id", 1}});
  auto listed = ann.receive()["data"];
  REQUIRE(listed.size() == 1);
  is_right(listed[0]);
}

TEST_CASE("lists of rooms have an end, and so has what one user may have", "[chat]") {
  chat_server chat;
  for (const auto* name : {"ann", "bob", "eve"}) {
    auto host = chat.connect(chat.user(name));
    for (int i = 0; i < 100; ++i) {
      REQUIRE(room(host, fmt::format("{} {}", name, i))["response_status"] == 201);
    }
    auto refused = room(host, "one more");
    CHECK(refused["response_status"] == 400);
    CHECK(refused["errors"] == json{{{"name", {"Nobody can have more than 100 rooms."}}}});
  }
  auto dan = chat.connect(chat.user("dan"));
  auto asked = [&](json frame) {
    dan.send(frame);
    return dan.receive()["data"];
  };
  CHECK(asked({{"action", "list"}}).size() == 200);
  CHECK(asked({{"action", "list_rooms"}, {"limit", 1000}}).size() == 200);
  auto newest = asked({{"action", "list_rooms"}});
  REQUIRE(newest.size() == 50);
  CHECK(newest[0]["name"] == "eve 99");
  CHECK(asked({{"action", "list_rooms"}, {"before", newest[49]["pk"]}})[0]["name"] == "eve 49");
}

TEST_CASE("the title of a room can be read", "[chat]") {
  chat_server chat;
  auto ann = chat.connect(chat.user("ann"));
  CHECK(room(ann, "a\u202eb")["errors"] == json{{{"name", {"Use only signs that can be seen."}}}});
  CHECK(room(ann, "Анна & Ada")["response_status"] == 201);
}

TEST_CASE("users from before there were keys of names get one, if nobody has it", "[chat]") {
  chat_server chat;
  chat.user("Ada");
  chat.user("ADA");
  chat.user("Grace");
  auto noted = [&]() -> dcrf::task<std::vector<std::string>> {
    co_await chat::note_name_keys(chat.server.runtime());
    std::vector<std::string> keys;
    auto sorted = dcrf::query<chat::user>{}.order_by<&chat::user::id>();
    for (const auto& x : co_await chat.server.runtime().repository<chat::user>().list(sorted)) {
      keys.push_back(x.name_key.value_or("-"));
    }
    co_return keys;
  };
  using texts = std::vector<std::string>;
  CHECK(chat.server.run(noted()) == texts{"ada", "-", "grace"});
  CHECK(chat.server.run(noted()) == texts{"ada", "-", "grace"});
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
  CHECK(create(json::array({5}))["errors"] == json{{{"message", {"Not a valid string."}}}});
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
  ann.send({{"action", "list_messages"}, {"room", 1}, {"limit", 3}, {"after", older[0]["id"]}});
  auto newer = ann.receive()["data"];
  REQUIRE(newer.size() == 3);
  CHECK(newer[0]["text"] == "5");
}

} // namespace room_consumer_tests
