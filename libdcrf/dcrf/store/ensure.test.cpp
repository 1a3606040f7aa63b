#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

// Rows that are created unless they are there, and rows that are locked.

namespace ensure_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

ensure_command ensure(std::string name, std::optional<std::string> nickname = {}) {
  ensure_command x;
  x.creation = {.model = &model_of<person>(),
                .values = to_record(person{.username = name, .nickname = std::move(nickname)})};
  x.where = {.model = &model_of<person>(), .key = name, .field = 1};
  return x;
}

ensure_command ensure_changed(std::string name, std::string nickname) {
  auto x = ensure(std::move(name), nickname);
  x.update = update_command{.where = x.where, .changes = {{2, std::move(nickname)}}};
  return x;
}

std::int64_t count(database& db) {
  return run(db, {count_command{.rows = {.model = &model_of<person>()}}}).result.count;
}

} // namespace

TEST_CASE("a row is created unless it is there", "[store]") {
  auto db = empty_database();
  auto created = run(db, {ensure("ann", "a")});
  CHECK(created.result.count == 1);
  REQUIRE(created.changes.size() == 1);
  CHECK_FALSE(created.changes.front().before.has_value());

  auto found = run(db, {ensure("ann", "b")});
  CHECK(found.result.count == 0);
  CHECK(found.result.rows.at(0).values == created.result.rows.at(0).values);
  CHECK(found.changes.empty());

  auto changed = run(db, {ensure_changed("ann", "c")});
  CHECK(changed.result.count == 0);
  CHECK(changed.result.rows.at(0).values[2] == value{std::string{"c"}});
  REQUIRE(changed.changes.size() == 1);
  CHECK(changed.changes.front().before.has_value());

  CHECK(run(db, {ensure_changed("bob", "d")}).result.count == 1);
  CHECK(count(db) == 2);
}

TEST_CASE("a row that can't be created is an error", "[store]") {
  auto db = empty_database();
  run(db, {ensure("ann", "a")});
  auto done = run(db, {ensure("bob", "a")});
  REQUIRE(done.result.error);
  CHECK(done.result.error->errors.to_json_text().str()
        == R"({"nickname":["person with this nickname already exists."]})");
  CHECK(count(db) == 1);
}

TEST_CASE("connections that create a row at once make one", "[store]") {
  temporary_folder folder;
  auto options = on_postgresql() ? empty_options() : database_options{.url = folder.url("two.db")};
  database first{options, all_models()};
  first.migrate();
  database second{options, all_models()};
  constexpr int times = 50;
  std::atomic<int> created{0};
  std::atomic<int> arrived{0};
  auto make = [&](database& db, bool updates) {
    for (int i = 0; i < times; ++i) {
      ++arrived;
      while (arrived < 2 * (i + 1)) {
        std::this_thread::yield();
      }
      auto name = "p" + std::to_string(i);
      auto done = run(db, {updates ? ensure_changed(name, name) : ensure(name, name)});
      if (done.result.error) {
        throw store_failure(*done.result.error);
      }
      created += static_cast<int>(done.result.count);
    }
  };
  bool updates = GENERATE(false, true);
  std::thread beside{[&] { make(second, updates); }};
  make(first, updates);
  beside.join();
  CHECK(created == times);
  CHECK(count(first) == times);
}

TEST_CASE("a row that is locked is not changed by another connection", "[.][postgresql]") {
  auto options = empty_options();
  options.busy_timeout = std::chrono::milliseconds{50};
  database first{options, all_models()};
  first.migrate();
  database second{options, all_models()};
  create(first, person{.username = "ann"});
  create(first, person{.username = "bob"});
  auto rename = [](std::int64_t key) {
    return command{
        update_command{.where = by_key<person>(key), .changes = {{1, std::string{"x"}}}}};
  };
  unit_of_work unit{first};
  SECTION("one") {
    auto found = unit.execute(
        {retrieve_command{.where = by_key<person>(std::int64_t{1}), .for_update = true}});
    CHECK(found.rows.size() == 1);
  }
  SECTION("of a query") {
    auto rows = query<person>{}.filter(column<&person::username> == "ann");
    CHECK(unit.execute({list_command{.rows = rows.get(), .for_update = true}}).rows.size() == 1);
  }
  auto locked = run(second, rename(1)).result;
  REQUIRE(locked.error);
  CHECK(locked.error->code == store_errc::unavailable);
  CHECK_FALSE(run(second, rename(2)).result.error);
  unit.commit();
  CHECK_FALSE(run(second, {update_command{.where = by_key<person>(std::int64_t{1}),
                                          .changes = {{1, std::string{"y"}}}}})
                  .result.error);
}

} // namespace ensure_tests
