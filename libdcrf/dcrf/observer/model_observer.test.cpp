#include "dcrf/observer/model_observer.hpp"

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::observing {

class observers : public dcrf::api_consumer<observers> {
public:
  struct every_note : dcrf::model_observer<note> {};
  struct shown_notes : dcrf::model_observer<note, note_serializer> {};
  struct of_author : dcrf::model_observer<note, note_serializer> {
    using groups = dcrf::by<&note::author>;
  };
  struct either : dcrf::model_observer<note> {
    using groups = dcrf::by_any<dcrf::by<&note::author>, dcrf::by<&note::id>>;
    static dcrf::json_text body(const note& row, dcrf::change_kind kind) {
      return json{{"shout", row.text + "!"}, {"kind", dcrf::to_string(kind)}};
    }
  };
  struct by_length : dcrf::model_observer<note> {
    static constexpr std::string_view action = "length";
    static std::vector<std::string> groups_for(const note& row) {
      return {std::to_string(row.text.size()), "any", "any"};
    }
    static dcrf::task<> handle(observers& self, const dcrf::observed& event) {
      self.send(json{{"group", event.message.target.key},
                     {"kind", dcrf::to_string(event.message.kind)},
                     {"version", event.message.version > 0}});
      co_return;
    }
  };
  struct of_club : dcrf::model_observer<club> {
    static constexpr bool watches_relations = true;
  };
  struct of_plain_club : dcrf::model_observer<club> {};
  struct renamed_action : dcrf::model_observer<author> {
    static constexpr std::string_view action = "author.changed";
  };

  dcrf::task<dcrf::response> all(dcrf::request& req) { return add<every_note>(req); }
  dcrf::task<dcrf::response> shown(dcrf::request& req) { return add<shown_notes>(req); }
  dcrf::task<dcrf::response> clubs(dcrf::request& req) { return add<of_club>(req); }
  dcrf::task<dcrf::response> plain_clubs(dcrf::request& req) { return add<of_plain_club>(req); }
  dcrf::task<dcrf::response> authors(dcrf::request& req) { return add<renamed_action>(req); }

  struct with_key {
    std::optional<std::int64_t> author;
    std::optional<std::int64_t> id;
    std::optional<std::string> length;
    BOOST_DESCRIBE_CLASS(with_key, (), (author, id, length), (), ())
  };
  dcrf::task<dcrf::response> by_author(with_key args, dcrf::request& req) {
    co_await subscribe<of_author>(req, *args.author);
    co_return dcrf::response::created();
  }
  dcrf::task<dcrf::response> by_either(with_key args, dcrf::request& req) {
    if (args.author) {
      co_await subscribe(dcrf::observer_of<either>(), dcrf::by<&note::author>::key(*args.author),
                         req.id());
    }
    if (args.id) {
      co_await subscribe(dcrf::observer_of<either>(), dcrf::by<&note::id>::key(*args.id), req.id());
    }
    co_return dcrf::response::created();
  }
  dcrf::task<dcrf::response> with_length(with_key args, dcrf::request& req) {
    co_await subscribe<by_length>(req, *args.length);
    co_return dcrf::response::created();
  }

  using actions =
      dcrf::actions<dcrf::action<"all", &observers::all>, dcrf::action<"shown", &observers::shown>,
                    dcrf::action<"by_author", &observers::by_author>,
                    dcrf::action<"by_either", &observers::by_either>,
                    dcrf::action<"with_length", &observers::with_length>,
                    dcrf::action<"clubs", &observers::clubs>,
                    dcrf::action<"plain_clubs", &observers::plain_clubs>,
                    dcrf::action<"authors", &observers::authors>>;

private:
  template <class Observer>
  dcrf::task<dcrf::response> add(dcrf::request& req) {
    co_await subscribe<Observer>(req);
    co_return dcrf::response::created();
  }
};

dcrf::test_session connected(dcrf::test_server& server) {
  server.websocket<observers>("/");
  author ann{.name = "ann"};
  author bob{.name = "bob"};
  stored(server, ann);
  stored(server, bob);
  return server.connect("/");
}

struct bench {
  void subscribe(const std::string& to, json arguments = json::object()) {
    arguments["action"] = to;
    arguments["request_id"] = "id";
    session.send(arguments);
    CHECK(session.receive()["response_status"] == 201);
  }

  std::int64_t create(const std::string& text, std::optional<std::int64_t> by = std::nullopt) {
    note draft{.text = text, .author = by};
    return stored(server, draft).id;
  }

  void change(std::int64_t id, const std::string& text,
              std::optional<std::int64_t> by = std::nullopt) {
    note row{.id = id, .text = text, .author = by};
    updated(server, row);
  }

  // Action, status and data of the next event.
  std::string event() {
    auto frame = session.receive();
    CHECK(frame["request_id"] == "id");
    CHECK(frame["errors"].empty());
    CHECK(frame["response_status"] == 200);
    return frame["action"].get<std::string>() + ' ' + frame["data"].dump();
  }

  dcrf::test_server server{all_models()};
  dcrf::test_session session = connected(server);
};

using consumer_test::author;
using consumer_test::club;
using consumer_test::note;
using consumer_test::removed;
using consumer_test::stored;
using consumer_test::updated;

TEST_CASE("an observer tells of every row by its key, if it says nothing else",
          "[model_observer]") {
  bench x;
  x.subscribe("all");
  x.create("one");
  CHECK(x.event() == R"(create {"pk":1})");
  x.change(1, "two");
  CHECK(x.event() == R"(update {"pk":1})");
  x.change(1, "two");
  CHECK(x.event() == R"(update {"pk":1})");
  removed<note>(x.server, 1);
  CHECK(x.event() == R"(delete {"pk":1})");
  CHECK(x.session.is_silent());
}

TEST_CASE("an observer with a serializer shows the row, also when it is deleted",
          "[model_observer]") {
  bench x;
  x.subscribe("shown");
  x.create("one", 1);
  CHECK(x.event() == R"(create {"author":1,"id":1,"text":"one"})");
  removed<note>(x.server, 1);
  CHECK(x.event() == R"(delete {"author":1,"id":1,"text":"one"})");
}

TEST_CASE("rows are grouped by a field, and those without it belong to no group",
          "[model_observer]") {
  bench x;
  x.subscribe("by_author", {{"author", 1}});
  x.create("hers", 1);
  x.create("his", 2);
  x.create("nobody's");
  CHECK(x.event() == R"(create {"author":1,"id":1,"text":"hers"})");
  CHECK(x.session.is_silent());
}

TEST_CASE("a row that moves leaves one group and enters the other", "[model_observer]") {
  bench x;
  x.subscribe("by_author", {{"author", 1}});
  x.subscribe("by_author", {{"author", 2}});
  x.create("a", 1);
  x.event();
  x.change(1, "b", 2);
  CHECK(x.event() == R"(delete {"author":2,"id":1,"text":"b"})");
  CHECK(x.event() == R"(create {"author":2,"id":1,"text":"b"})");
  x.change(1, "c");
  CHECK(x.event() == R"(delete {"author":null,"id":1,"text":"c"})");
  x.change(1, "d", 1);
  CHECK(x.event() == R"(create {"author":1,"id":1,"text":"d"})");
  CHECK(x.session.is_silent());
}

TEST_CASE("those who are left learn first, those who stay next, those who are entered last",
          "[model_observer]") {
  bench x;
  x.subscribe("by_either", {{"author", 1}, {"id", 1}});
  x.subscribe("by_either", {{"author", 2}});
  x.create("a", 1);
  CHECK(x.event() == R"(create {"kind":"create","shout":"a!"})");
  CHECK(x.event() == R"(create {"kind":"create","shout":"a!"})");
  x.change(1, "b", 2);
  CHECK(x.event() == R"(delete {"kind":"delete","shout":"b!"})");
  CHECK(x.event() == R"(update {"kind":"update","shout":"b!"})");
  CHECK(x.event() == R"(create {"kind":"create","shout":"b!"})");
  CHECK(x.session.is_silent());
}

TEST_CASE("an observer may have groups, a handler and an action of its own", "[model_observer]") {
  bench x;
  x.subscribe("with_length", {{"length", "3"}});
  x.create("four");
  CHECK(x.session.is_silent());
  x.create("abc");
  CHECK(x.session.receive() == json{{"group", "3"}, {"kind", "create"}, {"version", true}});
  x.change(2, "abcd");
  CHECK(x.session.receive() == json{{"group", "3"}, {"kind", "delete"}, {"version", true}});
  CHECK(x.session.is_silent());
}

TEST_CASE("a group that an observer names twice gets the event once", "[model_observer]") {
  bench x;
  x.subscribe("with_length", {{"length", "any"}});
  x.create("abc");
  CHECK(x.session.receive()["kind"] == "create");
  x.change(1, "abcd");
  CHECK(x.session.receive()["kind"] == "update");
  removed<note>(x.server, 1);
  CHECK(x.session.receive()["kind"] == "delete");
  CHECK(x.session.is_silent());
}

TEST_CASE("replies to an observer's events may have an action of their own", "[model_observer]") {
  bench x;
  x.subscribe("authors");
  removed<author>(x.server, 2);
  CHECK(x.event() == R"(author.changed {"pk":2})");
}

TEST_CASE("changes of a relation are updates for who watches it", "[model_observer]") {
  bench x;
  club draft{.name = "chess"};
  stored(x.server, draft);
  x.subscribe("clubs");
  x.subscribe("plain_clubs");
  auto change = [&]() -> dcrf::task<> {
    auto members = x.server.runtime().related<&club::members>(1);
    co_await members.add(1);
    co_await members.remove(1);
  };
  x.server.run(change());
  CHECK(x.event() == R"(update {"pk":1})");
  CHECK(x.event() == R"(update {"pk":1})");
  CHECK(x.session.is_silent());
  removed<club>(x.server, 1);
  CHECK(x.event() == R"(delete {"pk":1})");
  CHECK(x.event() == R"(delete {"pk":1})");
}

TEST_CASE("rows that a delete takes along are deleted for observers", "[model_observer]") {
  bench x;
  x.create("hers", 1);
  x.subscribe("shown");
  removed<author>(x.server, 1);
  CHECK(x.event() == R"(delete {"author":1,"id":1,"text":"hers"})");
}

} // namespace consumer_test::observing
