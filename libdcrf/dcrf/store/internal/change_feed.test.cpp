#include "dcrf/store/internal/change_feed.hpp"

#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace change_feed_tests {

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
  explicit fixture(outside_changes whose = outside_changes::programs,
                   std::size_t batch_size = change_feed::default_batch_size) {
    options.outside = whose;
    db.emplace(options, all_models());
    db->migrate();
    feed.emplace(*db, batch_size);
  }

  std::string take() {
    auto batch = feed->take();
    CHECK(batch.problems.empty());
    CHECK_FALSE(batch.has_gap);
    return told(batch.changes);
  }

  // All that there is, batch by batch.
  std::vector<change_feed::batch> take_all() {
    std::vector<change_feed::batch> result;
    do {
      result.push_back(feed->take());
    } while (result.back().has_more);
    return result;
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

TEST_CASE("an update that leaves a row as it is is told to other nodes", "[.][postgresql][feed]") {
  fixture x{outside_changes::all};
  database other{x.options, all_models()};
  create(other, person{.username = "a"});
  x.take();
  CHECK_FALSE(run(other, {update_command{.where = by_key<person>(std::int64_t{1})}}).result.error);
  CHECK(x.take() == "person 1: a -> a; ");
}

TEST_CASE("commands that are committed together are not summed, those of a transaction are",
          "[.][postgresql][feed]") {
  fixture x{outside_changes::all};
  database other{x.options, all_models()};
  create(other, person{.username = "a"});
  CHECK(x.take() == "person 1: nothing -> a; ");
  command_queue queue{other, [](const auto&) {}};
  std::uint64_t transaction = 0;
  auto push = [&](command what) {
    queue.push(std::move(what), [&](const store_result& result) {
      CHECK_FALSE(result.error);
      transaction = result.transaction;
    });
  };
  auto rename = [&](std::string to) {
    return command{
        update_command{.where = by_key<person>(std::int64_t{1}), .changes = {{1, std::move(to)}}},
        transaction};
  };
  push(rename("b"));
  push(rename("c"));
  push(rename("d"));
  queue.run();
  CHECK(x.take() == "person 1: a -> b; person 1: b -> c; person 1: c -> d; ");
  push({begin_command{}});
  queue.run();
  auto open = transaction;
  for (const auto* name : {"e", "f"}) {
    transaction = open;
    push(rename(name));
    queue.run();
  }
  push({commit_command{}, open});
  queue.run();
  CHECK(x.take() == "person 1: d -> f; ");
}

TEST_CASE("bulk changes of other nodes make no events, what is around them does",
          "[.][postgresql][feed]") {
  fixture x{outside_changes::all};
  database other{x.options, all_models()};
  create(other, person{.username = "a"});
  unit_of_work unit{other};
  std::vector<record> rows{to_record(person{.username = "b"})};
  auto everybody = selection{.model = &model_of<person>()};
  REQUIRE_FALSE(
      unit.execute({bulk_create_command{.model = &model_of<person>(), .rows = rows}}).error);
  // One that fails leaves nothing behind.
  REQUIRE(unit.execute({bulk_create_command{.model = &model_of<person>(), .rows = rows}}).error);
  REQUIRE_FALSE(
      unit.execute({bulk_update_command{everybody, {{2, value{std::monostate{}}}}}}).error);
  REQUIRE_FALSE(unit.execute({create_command{.model = &model_of<person>(),
                                             .values = to_record(person{.username = "c"})}})
                    .error);
  unit.commit();
  auto batch = x.feed->take();
  REQUIRE(batch.changes.size() == 2);
  CHECK(to_string((*batch.changes[0].after)[1]) == "a");
  CHECK(to_string((*batch.changes[1].after)[1]) == "c");
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
  std::int64_t last = 0;
  for (const auto& batch : x.take_all()) {
    CHECK(batch.changes.size() <= change_feed::default_batch_size);
    for (const auto& found : batch.changes) {
      REQUIRE(found.key() == value{++last});
    }
  }
  CHECK(last == 10000);
  CHECK(x.take().empty());
}

TEST_CASE("a connection that is lost between two batches loses and repeats nothing",
          "[.][postgresql][feed]") {
  fixture x{outside_changes::programs, 2};
  execute_postgresql("INSERT INTO test_person (username) VALUES ('a'), ('b'), ('c')");
  CHECK(x.take() == "person 1: nothing -> a; person 2: nothing -> b; ");
  // What commits after the first batch was taken comes after all that was there.
  execute_postgresql("UPDATE test_person SET username = 'A' WHERE username = 'a'");
  query_postgresql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                   "WHERE application_name = 'dcrf'");
  CHECK(x.take() == "person 3: nothing -> c; ");
  CHECK(x.take() == "person 1: a -> A; ");
  CHECK(x.take().empty());
}

TEST_CASE("batches of any size tell the same", "[.][postgresql][feed]") {
  auto size = GENERATE(as<std::size_t>{}, 1, 3, 7, 1000);
  fixture x{outside_changes::programs, size};
  for (int i = 0; i < 3; ++i) {
    execute_postgresql("INSERT INTO test_person (username) SELECT gen_random_uuid() FROM "
                       "generate_series(1, 7)");
    execute_postgresql("UPDATE test_person SET nickname = 'n' || id WHERE id % 2 = 0");
  }
  std::uint64_t last = 0;
  std::size_t count = 0;
  for (const auto& batch : x.take_all()) {
    for (const auto& found : batch.changes) {
      CHECK(found.version > last);
      last = found.version;
      ++count;
    }
  }
  CHECK(count == 21 + 3 + 7 + 10);
}

TEST_CASE("a transaction that was open for long is found among later ones",
          "[.][postgresql][feed]") {
  fixture x{outside_changes::all, 2};
  database slow{x.options, all_models()};
  database fast{x.options, all_models()};
  unit_of_work open{slow};
  REQUIRE_FALSE(open.execute({create_command{.model = &model_of<person>(),
                                             .values = to_record(person{.username = "slow"})}})
                    .error);
  std::string expected;
  for (int i = 2; i < 8; ++i) {
    create(fast, person{.username = "f" + std::to_string(i)});
    CHECK(x.take() == fmt::format("person {0}: nothing -> f{0}; ", i));
  }
  open.commit();
  CHECK(x.take() == "person 1: nothing -> slow; ");
  CHECK(x.take().empty());
}

TEST_CASE("rows larger than a notification may be come whole", "[.][postgresql][feed]") {
  fixture x;
  create(*x.db, sample{});
  execute_postgresql("UPDATE test_sample SET text = repeat('x', 1000000)");
  auto batch = x.feed->take();
  REQUIRE(batch.changes.size() == 1);
  CHECK(from_record<sample>(*batch.changes.front().after).text == std::string(1000000, 'x'));
}

TEST_CASE("what other programs do to links says which came and went", "[.][postgresql][feed]") {
  fixture x;
  execute_postgresql("INSERT INTO test_person (username) VALUES ('a'), ('b')");
  execute_postgresql("INSERT INTO test_place (name, host) VALUES ('x', 1)");
  x.take();
  using keys = std::vector<dcrf::value>;
  execute_postgresql("INSERT INTO test_place_members VALUES (1, 2)");
  auto added = x.feed->take().changes;
  REQUIRE(added.size() == 2);
  CHECK(added[0].links.at(0).came == keys{std::int64_t{2}});
  CHECK(added[1].links.at(0).came == keys{std::int64_t{1}});

  // The row that is deleted says so, too: nobody else knows then what it was related to.
  execute_postgresql("DELETE FROM test_place_members; DELETE FROM test_place");
  auto gone = x.feed->take().changes;
  REQUIRE(gone.size() == 2);
  for (const auto& each : gone) {
    REQUIRE(each.links.size() == 1);
    CHECK(each.links[0].came.empty());
    CHECK(each.links[0].gone == keys{std::int64_t{each.after ? 1 : 2}});
  }
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

TEST_CASE("changes of rows that can't be read are told with the others", "[.][postgresql][feed]") {
  fixture x;
  create(*x.db, sample{});
  execute_postgresql("UPDATE test_sample SET tone = 'loud', \"at\" = 'infinity';"
                     "INSERT INTO test_person (username) VALUES ('a')");
  auto batch = x.feed->take();
  CHECK(batch.problems.empty());
  REQUIRE(batch.changes.size() == 2);
  const auto& values = batch.changes.front().last();
  CHECK(is_null(values[model_of<sample>().find_field("at").value()]));
  CHECK(values[model_of<sample>().find_field("tone").value()] == value{std::string{"loud"}});
}

TEST_CASE("old changes are deleted, new ones stay", "[.][postgresql][feed]") {
  fixture x;
  execute_postgresql(
      "INSERT INTO test_person (username) VALUES ('a'), ('b');"
      "UPDATE dcrf_change SET at = now() - interval '2 hours' WHERE after LIKE '(1,%'");
  x.feed->prune();
  auto batch = x.feed->take();
  CHECK(told(batch.changes) == "person 2: nothing -> b; ");
  CHECK(batch.has_gap);
  CHECK(x.take().empty());
}

TEST_CASE("there is a gap for those only who had not read what was deleted",
          "[.][postgresql][feed]") {
  fixture x;
  change_feed other{*x.db};
  execute_postgresql("INSERT INTO test_person (username) VALUES ('a')");
  CHECK(x.take() == "person 1: nothing -> a; ");
  CHECK(query_postgresql("SELECT dcrf_prune_changes(interval '0')") == "1");
  CHECK(query_postgresql("SELECT dcrf_prune_changes(interval '0')") == "0");
  CHECK(x.take().empty());
  auto batch = other.take();
  CHECK(batch.has_gap);
  CHECK(batch.changes.empty());
  CHECK_FALSE(other.take().has_gap);
}

TEST_CASE("SQLite does not tell of other programs", "[feed]") {
  CHECK_THROWS_WITH(
      (database{{.url = "sqlite://:memory:", .outside = outside_changes::programs}, all_models()}),
      Catch::Contains("SQLite does not tell of changes"));
}

} // namespace change_feed_tests
