// [includes]
#include <catch2/catch.hpp>
#include <dcrf/consumer/model_consumer.hpp>
#include <dcrf/observer/model_observer.hpp>
#include <dcrf/testing/test_server.hpp>
#include <nlohmann/json.hpp>
// [includes]

// [structs]
namespace chat {

struct person {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, name))

struct room {
  std::int64_t id{};
  std::string name;
  dcrf::many_to_many<person> members;
};
BOOST_DESCRIBE_STRUCT(room, (), (id, name, members))

enum class role { guest, member, owner };
BOOST_DESCRIBE_ENUM(role, guest, member, owner)

struct membership {
  std::int64_t id{};
  std::int64_t room{};
  std::int64_t person{};
  role as = role::member;
  dcrf::timestamp since;
};
BOOST_DESCRIBE_STRUCT(membership, (), (id, room, person, as, since))

struct message {
  std::int64_t id{};
  std::int64_t room{};
  std::string text;
};
BOOST_DESCRIBE_STRUCT(message, (), (id, room, text))

} // namespace chat
// [structs]

template <>
struct dcrf::model<chat::person> {
  static constexpr auto table = "chat_person";
  using primary_key = dcrf::primary_key<&chat::person::id>;
};

// [models]
template <>
struct dcrf::model<chat::room> {
  using room = chat::room;
  using membership = chat::membership;
  static constexpr auto table = "chat_room";
  using primary_key = dcrf::primary_key<&room::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&room::name, dcrf::max_length<50>>,
                   dcrf::relation<&room::members, dcrf::related_name<"rooms">,
                                  dcrf::through<&membership::room, &membership::person>>>;
};

template <>
struct dcrf::model<chat::membership> {
  using membership = chat::membership;
  static constexpr auto table = "chat_membership";
  using primary_key = dcrf::primary_key<&membership::id>;
  using fields =
      dcrf::fields<dcrf::foreign_key<&membership::room, chat::room, dcrf::on_delete::cascade>,
                   dcrf::foreign_key<&membership::person, chat::person, dcrf::on_delete::cascade>,
                   dcrf::field<&membership::as, dcrf::defaulted>,
                   dcrf::auto_now_add<&membership::since>>;
  using constraints =
      dcrf::constraints<dcrf::unique_together<&membership::room, &membership::person>>;
};
// [models]

// [check]
namespace chat {
dcrf::condition_on<message> says_something();
}

template <>
struct dcrf::model<chat::message> {
  using message = chat::message;
  static constexpr auto table = "chat_message";
  using primary_key = dcrf::primary_key<&message::id>;
  using fields =
      dcrf::fields<dcrf::foreign_key<&message::room, chat::room, dcrf::on_delete::cascade>,
                   dcrf::text_field<&message::text, dcrf::max_length<500>>>;
  using constraints =
      dcrf::constraints<dcrf::check<"chat_message_says_something", &chat::says_something>>;
};

dcrf::condition_on<chat::message> chat::says_something() {
  return dcrf::column<&message::text> != "" && dcrf::column<&message::text> != "...";
}
// [check]

namespace chat {

// [reading]
struct member_serializer : dcrf::model_serializer<membership> {
  using fields = dcrf::shown<dcrf::field<&membership::person>, dcrf::field<&membership::as>>;
};

struct room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::field<&room::id>, dcrf::field<&room::name>,
                             dcrf::referrers<"members", &membership::room, member_serializer>>;
};

// The rooms that a person owns.
dcrf::query<room> owned_by(std::int64_t person_pk) {
  auto is_owner = dcrf::column<&membership::person> == person_pk
                  && dcrf::column<&membership::as> == role::owner;
  return dcrf::query<room>{}.filter(dcrf::exists<dcrf::referring<&membership::room>>(is_owner));
}
// [reading]

// [writing]
dcrf::task<> let_in(const dcrf::runtime& within, std::int64_t room_pk, std::int64_t person_pk) {
  auto members = within.related<&room::members>(room_pk);
  co_await members.add(person_pk);
  membership link{.as = role::owner};
  co_await members.add(person_pk, link);
  co_await members.remove(person_pk);
}
// [writing]

// [consumer]
struct membership_serializer : dcrf::model_serializer<membership> {
  using fields = dcrf::all_fields;
};

class membership_consumer
    : public dcrf::model_consumer<membership_consumer, membership, membership_serializer,
                                  dcrf::list_model, dcrf::create_model> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;
  using filterset_fields =
      dcrf::filterset_fields<dcrf::filter_by<&membership::room>, dcrf::filter_by<&membership::as>>;

protected:
  // Those of the rooms that the client is in.
  dcrf::query<membership> queryset(const dcrf::request& req) const override {
    return dcrf::query<membership>{}.filter(dcrf::column<&membership::room, &room::members>
                                            == req.user().pk);
  }

  // Owners let others in.
  dcrf::task<> perform_create(dcrf::validated<membership>& data, dcrf::request& req) override {
    auto own =
        owned_by(req.user().pk).filter(dcrf::column<&room::id> == data.get<&membership::room>());
    if (!co_await repository<room>().exists(own)) {
      throw dcrf::permission_denied();
    }
  }
};
// [consumer]

// [observers]
class room_consumer
    : public dcrf::model_consumer<room_consumer, room, room_serializer, dcrf::list_model> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;

  // A person's rooms: those that they come into, that change, and that they have left.
  struct rooms_of_person : dcrf::model_observer<room, room_serializer> {
    using groups = dcrf::by<&room::members>;
    static constexpr bool deletes_with_key_only = true;
  };

  // What is said in any room that a person is in.
  struct messages_to_person : dcrf::model_observer<message> {
    using groups = dcrf::by<&message::room, &room::members>;
    static constexpr bool deletes_with_key_only = true;
    static dcrf::json_text body(const message& row, dcrf::change_kind) {
      return dcrf::json{{"room", row.room}, {"text", row.text}};
    }
  };

  dcrf::task<dcrf::response> follow(dcrf::request& req) {
    co_await subscribe<rooms_of_person>(req, req.user().pk);
    co_await subscribe<messages_to_person>(req, req.user().pk);
    co_return dcrf::response::created();
  }

  using actions = dcrf::actions<dcrf::action<"follow", &room_consumer::follow>>;
};
// [observers]

namespace {

template <class T>
dcrf::task<T> stored(const dcrf::runtime& within, const T& row) {
  co_return co_await within.repository<T>().create(row);
}

struct bench {
  bench() {
    server.websocket<room_consumer>("/ws/rooms/");
    server.websocket<membership_consumer>("/ws/members/");
    for (const auto* name : {"ann", "bob"}) {
      person x{.name = name};
      server.run(stored(server.runtime(), x));
    }
    for (const auto* name : {"birds", "fish"}) {
      room x{.name = name};
      server.run(stored(server.runtime(), x));
    }
  }

  std::int64_t join(std::int64_t room_pk, std::int64_t person_pk, role as = role::member) {
    membership x{.room = room_pk, .person = person_pk, .as = as};
    return server.run(stored(server.runtime(), x)).id;
  }

  dcrf::test_server server{dcrf::schema::of<person, room, membership, message>()};
  dcrf::user_info ann{.pk = 1, .username = "ann"};
};

} // namespace

} // namespace chat

using chat::bench;
using dcrf::json;

TEST_CASE("what a check forbids is answered with its name", "[guide]") {
  bench x;
  chat::message draft{.room = 1, .text = "..."};
  x.join(1, 1);
  try {
    x.server.run(chat::stored(x.server.runtime(), draft));
    FAIL("it was stored");
  } catch (const dcrf::store_failure& e) {
    CHECK(e.error().errors.to_json_text().str()
          == R"({"non_field_errors":["Constraint “chat_message_says_something” is violated."]})");
  }
}

TEST_CASE("links have columns of their own", "[guide]") {
  bench x;
  x.join(1, 1, chat::role::owner);
  x.join(1, 2);
  x.join(2, 2, chat::role::owner);
  auto rooms = x.server.connect("/ws/rooms/", x.ann);
  rooms.send({{"action", "list"}});
  CHECK(rooms.receive()["data"]
        == json::parse(R"([{"id": 1, "name": "birds", "members": [{"person": 1, "as": "owner"},
                                                                  {"person": 2, "as": "member"}]},
                           {"id": 2, "name": "fish", "members": [{"person": 2, "as": "owner"}]}])"));
  auto owned = [&]() -> dcrf::task<std::int64_t> {
    co_return co_await x.server.runtime().repository<chat::room>().count(chat::owned_by(1));
  };
  CHECK(x.server.run(owned()) == 1);

  auto members = x.server.connect("/ws/members/", x.ann);
  members.send({{"action", "list"}, {"as", "member"}});
  auto listed = members.receive()["data"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["person"] == 2);
  members.send({{"action", "create"}, {"data", {{"room", 2}, {"person", 1}}}});
  CHECK(members.receive()["response_status"] == 403);
  CHECK_NOTHROW(x.server.run(chat::let_in(x.server.runtime(), 2, 1)));
}

// [test]
TEST_CASE("who comes into a room is told of it, and of what is said there", "[guide]") {
  bench x;
  auto client = x.server.connect("/ws/rooms/", x.ann);
  client.send({{"action", "follow"}, {"request_id", "f"}});
  CHECK(client.receive()["response_status"] == 201);

  auto link = x.join(1, 1);
  auto entered = client.receive();
  CHECK(entered["action"] == "create");
  CHECK(entered["data"]["name"] == "birds");

  chat::message hello{.room = 1, .text = "Hello."};
  x.server.run(chat::stored(x.server.runtime(), hello));
  CHECK(client.receive()["data"] == json{{"room", 1}, {"text", "Hello."}});

  auto leave = [&]() -> dcrf::task<> {
    co_await x.server.runtime().repository<chat::membership>().remove(link);
  };
  x.server.run(leave());
  auto left = client.receive();
  CHECK(left["action"] == "delete");
  CHECK(left["data"] == json{{"pk", 1}});
  x.server.run(chat::stored(x.server.runtime(), hello));
  CHECK(client.is_silent());
}
// [test]
