#include "dcrf/store/change_feed.hpp"

#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

using namespace dcrf;
using namespace dcrf::store_test;

// These run only where DCRF_TEST_DATABASE names a database: see scripts/postgresql.
namespace {

std::string told(const std::vector<change>& changes) {
  std::string result;
  for (const auto& x : changes) {
    auto name = [](const std::optional<record>& state) {
      return state ? to_string((*state)[1]) : std::string{"nothing"};
    };
    result += std::string{x.model->name} + ' ' + to_string(x.key()) + ": ";
    result += x.relation != nullptr ? std::string{x.reverse ? "far" : "near"}
                                    : name(x.before) + " -> " + name(x.after);
    result += "; ";
  }
  return result;
}

struct fixture {
  explicit fixture(outside_changes whose = outside_changes::programs) {
    options.outside = whose;
    db.emplace(options, all_models());
    db->migrate();
    feed.emplace(*db);
  }

  std::string take() {
    auto batch = feed->take();
    CHECK(batch.problems.empty());
    return told(batch.changes);
  }

  database_options options = empty_options();
  std::optional<database> db;
  std::optional<change_feed> feed;
};

} // namespace

TEST_CASE("what other programs change is told once, row by row", "[.][postgresql][feed]") {
  fixture x;
  CHECK(x.take().empty());
  execute_postgresql("INSERT INTO test_person (username) VALUES ('a'), ('b')");
  CHECK(x.take() == "person 1: nothing -> a; person 2: nothing -> b; ");
  CHECK(x.take().empty());
  execute_postgresql("UPDATE test_person SET username = upper(username)");
  CHECK(x.take() == "person 1: a -> A; person 2: b -> B; ");
  execute_postgresql("DELETE FROM test_person WHERE id = 1");
  execute_postgresql("TRUNCATE test_person CASCADE");
  CHECK(x.take() == "person 1: A -> nothing; person 2: B -> nothing; ");
}

TEST_CASE("changes of one transaction are one, those rolled back are none",
          "[.][postgresql][feed]") {
  fixture x;
  execute_postgresql("INSERT INTO test_person (username) VALUES ('a');"
                     "UPDATE test_person SET username = 'b';"
                     "INSERT INTO test_person (username) VALUES ('c');"
                     "DELETE FROM test_person WHERE username = 'c'");
  CHECK(x.take() == "person 1: nothing -> b; ");
  execute_postgresql("BEGIN; UPDATE test_person SET username = 'x'; ROLLBACK");
  CHECK(x.take().empty());
}

TEST_CASE("values come back from the feed as they are in their table", "[.][postgresql][feed]") {
  fixture x;
  execute_postgresql(
      "SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German';"
      "INSERT INTO test_sample (id, flag, small, large, ratio, text, price, day, at, tone, extra, "
      "maybe_text) VALUES (gen_random_uuid(), true, -1, 9007199254740993, 0.1, 'it''s \"ü\"', "
      "-123.45, '2024-02-29', '2024-01-02T03:04:05.000006Z', 'dark', '{\"a\": [1, "
      "\"\\u0000\"]}', '')");
  auto changes = x.feed->take().changes;
  REQUIRE(changes.size() == 1);
  auto found = run(*x.db, {list_command{.rows = {.model = &model_of<sample>()}}});
  REQUIRE(found.result.rows.size() == 1);
  CHECK((changes.front().after == found.result.rows.front().values));
  auto row = from_record<sample>(*changes.front().after);
  CHECK(row.at.to_string() == "2024-01-02T03:04:05.000006Z");
  CHECK(row.large == 9007199254740993);
}

TEST_CASE("own changes are not in the feed, those of other nodes are if wanted",
          "[.][postgresql][feed]") {
  auto whose = GENERATE(outside_changes::programs, outside_changes::all);
  fixture x{whose};
  database other{x.options, all_models()};
  create(*x.db, person{.username = "own"});
  create(other, person{.username = "other"});
  CHECK(x.take()
        == (whose == outside_changes::all ? "person 2: nothing -> other; " : std::string{}));
}

TEST_CASE("a transaction that commits late is not passed over", "[.][postgresql][feed]") {
  fixture x{outside_changes::all};
  database slow{x.options, all_models()};
  database fast{x.options, all_models()};
  auto make = [](std::string name) {
    return command{create_command{.model = &model_of<person>(),
                                  .values = to_record(person{.username = std::move(name)})}};
  };
  unit_of_work open{slow};
  REQUIRE_FALSE(open.execute(make("early")).error);
  create(fast, person{.username = "late"});
  CHECK(x.take() == "person 2: nothing -> late; ");
  open.commit();
  CHECK(x.take() == "person 1: nothing -> early; ");
  CHECK(x.take().empty());
}

TEST_CASE("a burst is found whole, also after the connection was lost", "[.][postgresql][feed]") {
  fixture x;
  execute_postgresql("INSERT INTO test_person (username) SELECT 'x' || n FROM "
                     "generate_series(1, 10000) AS n");
  query_postgresql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                   "WHERE application_name = 'dcrf'");
  auto batch = x.feed->take();
  REQUIRE(batch.changes.size() == 10000);
  for (std::size_t i = 0; i < batch.changes.size(); ++i) {
    REQUIRE(batch.changes[i].key() == value{static_cast<std::int64_t>(i + 1)});
  }
  CHECK(x.take().empty());
}

TEST_CASE("relations that other programs change are changes of both rows",
          "[.][postgresql][feed]") {
  fixture x;
  execute_postgresql("INSERT INTO test_person (username) VALUES ('a');"
                     "INSERT INTO test_place (name, host) VALUES ('p', 1)");
  CHECK(x.take() == "person 1: nothing -> a; place 1: nothing -> p; ");
  execute_postgresql("INSERT INTO test_place_members VALUES (1, 1)");
  CHECK(x.take() == "place 1: near; person 1: far; ");
  execute_postgresql("DELETE FROM test_place_members");
  CHECK(x.take() == "place 1: near; person 1: far; ");
}

TEST_CASE("a change that can't be read is told and does not stop the others",
          "[.][postgresql][feed]") {
  fixture x;
  create(*x.db, sample{});
  execute_postgresql("UPDATE test_sample SET tone = 'loud';"
                     "INSERT INTO test_person (username) VALUES ('a')");
  auto batch = x.feed->take();
  REQUIRE(batch.problems.size() == 1);
  CHECK_THAT(batch.problems.front(), Catch::StartsWith("test_sample.tone"));
  CHECK(told(batch.changes) == "person 1: nothing -> a; ");
}

TEST_CASE("old changes are deleted, new ones stay", "[.][postgresql][feed]") {
  fixture x;
  execute_postgresql(
      "INSERT INTO test_person (username) VALUES ('a'), ('b');"
      "UPDATE dcrf_change SET at = now() - interval '2 hours' WHERE after LIKE '(1,%'");
  x.feed->prune();
  CHECK(x.take() == "person 2: nothing -> b; ");
}

TEST_CASE("SQLite does not tell of other programs", "[feed]") {
  CHECK_THROWS_WITH(
      (database{{.url = "sqlite://:memory:", .outside = outside_changes::programs}, all_models()}),
      Catch::Contains("SQLite does not tell of changes"));
}
