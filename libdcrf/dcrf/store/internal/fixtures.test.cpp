#include "dcrf/store/internal/fixtures.hpp"

#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <sstream>

namespace fixtures_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

struct fixture {
  fixture() { database{options, all_models()}.migrate(); }

  std::string dump() {
    std::ostringstream out;
    dump_rows(options, all_models(), out);
    return out.str();
  }

  std::size_t load(const std::string& text) { return load_rows(options, all_models(), text); }

  std::string refusal(const std::string& text) {
    try {
      load(text);
    } catch (const store_failure& e) {
      return e.what();
    }
    FAIL("loaded");
    return {};
  }

  temporary_folder folder;
  database_options options =
      on_postgresql() ? empty_options() : database_options{.url = folder.url("x.db")};
};

const std::string people = R"([
{"model": "person", "pk": 2, "fields": {"username": "ann", "nickname": null}},
{"model": "person", "pk": 5, "fields": {"username": "bob"}}
])";

} // namespace

TEST_CASE_METHOD(fixture, "an empty database is an empty array", "[store]") {
  CHECK(dump() == "[\n]\n");
  CHECK(load(dump()) == 0);
}

TEST_CASE_METHOD(fixture, "rows are written, and read as they were", "[store]") {
  {
    database db{options, all_models()};
    auto ann = create(db, person{.username = "ann \"\n\xC3\xA9", .nickname = "a"});
    auto bob = create(db, person{.username = "bob"});
    auto home = create(db, place{.name = "home", .host = ann.id, .deputy = bob.id});
    run(db, {relate_command{.relation = &model_of<place>().relations.front(),
                            .key = home.id,
                            .keys = {ann.id, bob.id}}});
    create(db, note{.place = home.id, .text = "x"});
    sample x;
    x.price = {-12345, 2};
    x.day = *date::parse("2024-02-29");
    x.at = *timestamp::parse("2024-02-29T12:34:56.789012Z");
    x.extra = json_text::parse(R"({"a": [1, "b"]})");
    x.maybe_ratio = 0.1;
    create(db, x);
    create(db, gadget{.name = "lamp", .description = "d"});
  }
  auto text = dump();
  CHECK_THAT(text, Catch::Contains(R"({"model":"gadget","pk":"lamp","fields":{"description":"d"}})")
                       && Catch::Contains(R"("members":[1,2])")
                       && Catch::Contains(R"("price":"-123.45")"));
  auto before = options;
  fixture other;
  CHECK(other.load(text) == 6);
  CHECK(other.dump() == text);
  // Over what is there already, too.
  CHECK(other.load(text) == 6);
  CHECK(other.dump() == text);
  database db{other.options, all_models()};
  CHECK(create(db, person{.username = "next"}).id == 3);
}

TEST_CASE_METHOD(fixture, "rows may refer to later ones, and have no key yet", "[store]") {
  CHECK(load(R"({"model": "node", "pk": 1, "fields": {"label": "a", "parent": 2, "friends": [2]}}
{"model": "tests.node", "pk": 2, "fields": {"label": "b", "parent": 1}}
{"model": "test_node", "fields": {"label": "c"}})")
        == 3);
  CHECK(dump() == R"([
{"model":"node","pk":1,"fields":{"parent":2,"label":"a","friends":[2]}},
{"model":"node","pk":2,"fields":{"parent":1,"label":"b","friends":[]}},
{"model":"node","pk":3,"fields":{"parent":null,"label":"c","friends":[]}}
]
)");
}

TEST_CASE_METHOD(fixture, "a row that is there is overwritten; relations that are not given stay",
                 "[store]") {
  load(people);
  load(R"({"model": "place", "pk": 1, "fields": {"name": "x", "host": 2, "members": [2, 5]}})");
  CHECK(load(R"({"model": "place", "pk": 1, "fields": {"name": "y", "host": 5}})") == 1);
  CHECK_THAT(
      dump(),
      Catch::Contains(
          R"({"model":"place","pk":1,"fields":{"name":"y","host":5,"deputy":null,"members":[2,5]}})"));
}

TEST_CASE_METHOD(fixture, "what is wrong is told with its line, and nothing is changed",
                 "[store]") {
  load(people);
  auto before = dump();
  auto person_of = [](const std::string& fields) {
    return "\n\n{\"model\": \"person\", \"pk\": 7, \"fields\": {" + fields + "}}";
  };
  CHECK(refusal(person_of(R"("username": "ann")"))
        == "line 3: person 7: {\"username\":[\"person with this username already exists.\"]}");
  CHECK(refusal(person_of(R"("username": 1)")) == "line 3: username can't hold 1");
  CHECK(refusal(person_of(R"("username": null)")) == "line 3: username may not be null");
  CHECK(refusal(person_of("")) == "line 3: username is missing");
  CHECK(refusal(person_of(R"("nick": "x")")) == "line 3: person has no field \"nick\"");
  CHECK_THAT(refusal(person_of("\"username\": x")), Catch::StartsWith("line 3: "));
  CHECK(refusal("[\n{\"model\": \"none\"}]") == "line 2: there is no model \"none\"");
  CHECK(refusal("{\"pk\": 1}") == "line 1: the object has no \"model\"");
  CHECK(refusal("7") == "line 1: an object is expected, not 7");
  CHECK(refusal("[{\"a\": 1}\n{}]")
        == "line 2: ',' or ']' is expected after an object of the array");
  CHECK(refusal("[") == "line 1: the array has no end");
  CHECK(refusal("[]\n[]") == "line 2: there is more after the end of the array");
  CHECK(refusal("{\"a\": \"}") == "line 1: a text has no end");
  CHECK(refusal("\n{\"a\": [") == "line 2: the object has no end");
  CHECK(refusal(person_of("\"username\": \"cid\"")
                + R"({"model": "place", "pk": 1, "fields": {"name": "x", "host": 99}})")
        == "line 3: place 1: {\"host\":[\"Invalid pk \\\"99\\\" - object does not exist.\"]}");
  CHECK(
      refusal(R"({"model": "place", "pk": 1, "fields": {"name": "x", "host": 2, "members": [9]}})")
      == "line 1: place 1: {\"members\":[\"Invalid pk \\\"9\\\" - object does not exist.\"]}");
  CHECK(dump() == before);
}

TEST_CASE_METHOD(fixture, "times that are set by themselves stay as they are given", "[store]") {
  load(people);
  load(R"({"model": "place", "pk": 1, "fields": {"name": "x", "host": 2}})");
  load(
      R"({"model": "note", "pk": 1, "fields": {"place": 1, "text": "t", "created_at": "2001-02-03T04:05:06Z", "saved_at": "2002-02-03T04:05:06Z"}})");
  CHECK_THAT(dump(), Catch::Contains("\"created_at\":\"2001-02-03T04:05:06Z\"")
                         && Catch::Contains("\"saved_at\":\"2002-02-03T04:05:06Z\""));
}

TEST_CASE("positions in the feed don't outlive rows that were loaded", "[store][sqlite]") {
  temporary_folder folder;
  database_options options{.url = folder.url("x.db"), .feed = {.models = {&model_of<person>()}}};
  std::string position;
  {
    database db{options, all_models()};
    db.migrate();
    create(db, person{.username = "a"});
    position = db.changes()->cut()->text;
  }
  load_rows(options, all_models(), people);
  database db{options, all_models()};
  db.migrate();
  feed_position found;
  CHECK(db.changes()->find(position, options.feed.models, found) == feed::standing::expired);
}

} // namespace fixtures_tests
