#include "dcrf/consumer/consumer.hpp"
#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

// Groups that other rows say: by many-to-many relations, and over foreign keys.

using dcrf::json;

namespace consumer_test::linked {

struct meeting {
  std::int64_t id{};
  std::int64_t club{};
  std::string topic;
};
BOOST_DESCRIBE_STRUCT(meeting, (), (id, club, topic))

} // namespace consumer_test::linked

template <>
struct dcrf::model<consumer_test::linked::meeting> {
  using meeting = consumer_test::linked::meeting;
  static constexpr auto table = "meeting";
  using primary_key = dcrf::primary_key<&meeting::id>;
  using fields = dcrf::fields<foreign_key<&meeting::club, consumer_test::club, on_delete::cascade>>;
};

namespace consumer_test::linked {

struct meeting_serializer : dcrf::model_serializer<meeting> {
  using fields = dcrf::all_fields;
};

struct club_serializer : dcrf::model_serializer<club> {
  using fields = dcrf::shown<dcrf::field<&club::name>, dcrf::field<&club::members>>;
};

class watchers : public dcrf::api_consumer<watchers> {
public:
  using permissions = dcrf::permissions<dcrf::allow_any>;

  struct clubs_of_member : dcrf::model_observer<club, club_serializer> {
    using groups = dcrf::by<&club::members>;
    static constexpr bool deletes_with_key_only = true;
  };
  struct all_of_clubs : dcrf::model_observer<club> {
    using groups = dcrf::by_any<dcrf::by<&club::members>, dcrf::by<&club::name>>;
    static constexpr bool watches_relations = true;
  };
  struct meetings_of_member : dcrf::model_observer<meeting, meeting_serializer> {
    using groups = dcrf::by<&meeting::club, &club::members>;
  };
  struct meetings_in_club : dcrf::model_observer<meeting> {
    using groups = dcrf::by<&meeting::club, &club::name>;
  };
  struct members_of_club : dcrf::model_observer<author> {
    using groups = dcrf::by<dcrf::relating<&club::members>>;
  };

  struct key {
    std::int64_t pk{};
    BOOST_DESCRIBE_CLASS(key, (), (pk), (), ())
  };
  struct called {
    std::string name;
    BOOST_DESCRIBE_CLASS(called, (), (name), (), ())
  };

  template <class Observer>
  dcrf::task<dcrf::response> by_key(key args, dcrf::request& req) {
    co_await subscribe<Observer>(req, args.pk);
    co_return dcrf::response::created();
  }
  dcrf::task<dcrf::response> meetings_by_name(called args, dcrf::request& req) {
    co_await subscribe<meetings_in_club>(req, args.name);
    co_return dcrf::response::created();
  }
  dcrf::task<dcrf::response> all(called args, dcrf::request& req) {
    co_await subscribe(dcrf::observer_of<all_of_clubs>(), dcrf::by<&club::name>::key(args.name),
                       req.id());
    co_return dcrf::response::created();
  }

  using actions = dcrf::actions<dcrf::action<"clubs", &watchers::by_key<clubs_of_member>>,
                                dcrf::action<"all", &watchers::all>,
                                dcrf::action<"meetings", &watchers::by_key<meetings_of_member>>,
                                dcrf::action<"meetings_by_name", &watchers::meetings_by_name>,
                                dcrf::action<"members", &watchers::by_key<members_of_club>>>;
};

struct bench {
  bench() {
    server.websocket<watchers>("/");
    for (const auto* name : {"ann", "bob"}) {
      author x{.name = name};
      stored(server, x);
    }
    for (const auto* name : {"chess", "chat"}) {
      club x{.name = name};
      stored(server, x);
    }
  }

  dcrf::test_session watching(const std::string& action, const json& key) {
    auto session = server.connect("/");
    session.send({{"action", action}, {"request_id", 1}, {"pk", key}, {"name", key}});
    CHECK(session.receive()["response_status"] == 201);
    return session;
  }

  void add(std::int64_t club_pk, std::int64_t author_pk) {
    auto add = [&]() -> dcrf::task<> {
      co_await server.runtime().related<&club::members>(club_pk).add(author_pk);
    };
    server.run(add());
  }
  void remove(std::int64_t club_pk, std::int64_t author_pk) {
    auto remove = [&]() -> dcrf::task<> {
      co_await server.runtime().related<&club::members>(club_pk).remove(author_pk);
    };
    server.run(remove());
  }
  void set(std::int64_t club_pk, const std::vector<dcrf::key>& keys) {
    auto set = [&]() -> dcrf::task<> {
      co_await server.runtime().related<&club::members>(club_pk).set(keys);
    };
    server.run(set());
  }
  void rename(std::int64_t pk, const std::string& name) {
    club x{.id = pk, .name = name};
    updated(server, x);
  }

  dcrf::test_server server{dcrf::schema::of<author, note, club, meeting>()};
};

// The events that have come, as "action data".
std::vector<std::string> events(dcrf::test_session& of) {
  std::vector<std::string> result;
  while (!of.is_silent()) {
    auto frame = of.receive();
    CHECK(frame["request_id"] == 1);
    result.push_back(frame["action"].get<std::string>() + ' ' + frame["data"].dump());
  }
  return result;
}

using told = std::vector<std::string>;

TEST_CASE("an observer's groups may be those of related rows", "[observer]") {
  bench x;
  auto ann = x.watching("clubs", 1);
  auto bob = x.watching("clubs", 2);

  x.add(1, 1);
  CHECK(events(ann) == told{R"(create {"members":[1],"name":"chess"})"});
  CHECK(events(bob).empty());
  x.rename(1, "go");
  CHECK(events(ann) == told{R"(update {"members":[1],"name":"go"})"});

  // Who is in stays in: a change of the relation alone is no update of the row.
  x.add(1, 2);
  CHECK(events(ann).empty());
  CHECK(events(bob) == told{R"(create {"members":[1,2],"name":"go"})"});
  x.add(1, 2);
  CHECK(events(bob).empty());

  x.remove(1, 1);
  CHECK(events(ann) == told{R"(delete {"pk":1})"});
  x.rename(1, "whist");
  CHECK(events(ann).empty());
  CHECK(events(bob) == told{R"(update {"members":[2],"name":"whist"})"});

  x.set(1, {1});
  CHECK(events(ann) == told{R"(create {"members":[1],"name":"whist"})"});
  CHECK(events(bob) == told{R"(delete {"pk":1})"});

  removed<club>(x.server, 1);
  CHECK(events(ann) == told{R"(delete {"pk":1})"});
  CHECK(events(bob).empty());
}

TEST_CASE("each of many related rows has its group, and is told once", "[observer]") {
  bench x;
  std::vector<dcrf::key> members{1, 2};
  for (int i = 3; i <= 30; ++i) {
    author one{.name = "author " + std::to_string(i)};
    stored(x.server, one);
    members.emplace_back(i);
  }
  x.set(1, members);
  auto first = x.watching("clubs", 1);
  auto last = x.watching("clubs", 30);

  x.rename(1, "go");
  CHECK(events(first).size() == 1);
  CHECK(events(last).size() == 1);

  members.pop_back();
  x.set(1, members);
  CHECK(events(first).empty());
  CHECK(events(last) == told{R"(delete {"pk":1})"});

  members.emplace_back(30);
  x.set(1, members);
  CHECK(events(first).empty());
  auto came = events(last);
  REQUIRE(came.size() == 1);
  CHECK(came.front().starts_with("create "));
}

TEST_CASE("a row leaves the group of a related row that is deleted", "[observer]") {
  bench x;
  x.set(1, {1, 2});
  auto ann = x.watching("clubs", 1);
  auto bob = x.watching("clubs", 2);
  removed<author>(x.server, 1);
  CHECK(events(ann) == told{R"(delete {"pk":1})"});
  CHECK(events(bob).empty());
}

TEST_CASE("who watches relations is told when a row at their far side is deleted", "[observer]") {
  bench x;
  x.set(1, {1, 2});
  auto all = x.watching("all", "chess");
  removed<author>(x.server, 1);
  CHECK(events(all) == told{R"(update {"pk":1})"});
}

TEST_CASE("one transaction is one event for groups of related rows", "[observer]") {
  bench x;
  x.set(1, {1});
  auto ann = x.watching("clubs", 1);
  auto bob = x.watching("clubs", 2);
  auto change = [&]() -> dcrf::task<> {
    auto body = [&]() -> dcrf::task<> {
      club renamed{.id = 1, .name = "go"};
      co_await x.server.runtime().repository<club>().update(renamed);
      co_await x.server.runtime().related<&club::members>(1).add(2);
      co_await x.server.runtime().related<&club::members>(1).remove(1);
      co_await x.server.runtime().related<&club::members>(1).add(1);
    };
    co_await x.server.runtime().atomic(body);
  };
  x.server.run(change());
  CHECK(events(ann) == told{R"(update {"members":[1,2],"name":"go"})"});
  CHECK(events(bob) == told{R"(create {"members":[1,2],"name":"go"})"});
}

TEST_CASE("groups may be those of rows related to a row that is referred to", "[observer]") {
  bench x;
  x.set(1, {1});
  x.set(2, {2});
  auto ann = x.watching("meetings", 1);
  auto bob = x.watching("meetings", 2);
  auto in_chat = x.watching("meetings_by_name", "chat");

  meeting draft{.club = 1, .topic = "openings"};
  auto first = stored(x.server, draft);
  CHECK(events(ann) == told{R"(create {"club":1,"id":1,"topic":"openings"})"});
  CHECK(events(bob).empty());
  CHECK(events(in_chat).empty());

  first.club = 2;
  updated(x.server, first);
  CHECK(events(ann) == told{R"(delete {"club":2,"id":1,"topic":"openings"})"});
  CHECK(events(bob) == told{R"(create {"club":2,"id":1,"topic":"openings"})"});
  CHECK(events(in_chat) == told{R"(create {"pk":1})"});

  // The groups of a row are those that it has when it changes.
  x.add(2, 1);
  CHECK(events(ann).empty());
  first.topic = "ends";
  updated(x.server, first);
  CHECK(events(ann) == told{R"(update {"club":2,"id":1,"topic":"ends"})"});
  CHECK(events(bob).size() == 1);
  CHECK(events(in_chat).size() == 1);

  // What goes with the club was in the groups that the club's relations say.
  removed<club>(x.server, 2);
  CHECK(events(ann) == told{R"(delete {"club":2,"id":1,"topic":"ends"})"});
  CHECK(events(bob).size() == 1);
  CHECK(events(in_chat) == told{R"(delete {"pk":1})"});
}

TEST_CASE("groups may be those of the rows that relate to a row", "[observer]") {
  bench x;
  auto chess = x.watching("members", 1);
  x.add(1, 2);
  CHECK(events(chess) == told{R"(create {"pk":2})"});
  author renamed{.id = 2, .name = "bert"};
  updated(x.server, renamed);
  CHECK(events(chess) == told{R"(update {"pk":2})"});
  removed<club>(x.server, 1);
  CHECK(events(chess) == told{R"(delete {"pk":2})"});
}

} // namespace consumer_test::linked
