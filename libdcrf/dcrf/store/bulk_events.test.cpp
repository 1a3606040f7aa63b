#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace bulk_events_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

selection people(condition where = {}) { return {.model = &model_of<person>(), .where = where}; }

condition named(const char* first) {
  condition result;
  result.kind = condition::node::compare;
  result.path = {1};
  result.op = comparison::startswith;
  result.operands = {std::string{first}};
  return result;
}

std::vector<record> rows(std::size_t count, const std::string& name) {
  std::vector<record> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(to_record(person{.username = name + std::to_string(i)}));
  }
  return result;
}

std::string text_of(const std::optional<record>& x) {
  return x ? to_string((*x)[1]) + '/' + to_string((*x)[2]) : "nothing";
}

std::string text_of(const std::vector<change>& changes) {
  std::string result;
  for (const auto& x : changes) {
    result += x.is_gap ? "gap " + std::string{x.model->name} + "; "
                       : text_of(x.before) + " -> " + text_of(x.after) + "; ";
  }
  return result;
}

outcome create_all(database& db, std::size_t count, const std::string& name,
                   bulk_events events = bulk_events::on) {
  return run(db, {bulk_create_command{
                     .model = &model_of<person>(), .rows = rows(count, name), .events = events}});
}

constexpr std::size_t too_many = 10'001;

} // namespace

TEST_CASE("bulk commands tell of each row, if they shall", "[store][bulk]") {
  auto db = empty_database();
  auto created = create_all(db, 3, "a");
  CHECK(created.result.count == 3);
  CHECK(text_of(created.changes) == "nothing -> a0/null; nothing -> a1/null; nothing -> a2/null; ");
  CHECK(created.changes[0].key() == value{std::int64_t{1}});
  CHECK(created.changes[0].version < created.changes[2].version);
  create_all(db, 1, "b", bulk_events::off);

  auto updated = run(db, {bulk_update_command{.rows = people(named("a")),
                                              .changes = {{2, value{std::monostate{}}}},
                                              .events = bulk_events::on}});
  CHECK(updated.result.count == 3);
  CHECK(text_of(updated.changes) == "a0/null -> a0/null; a1/null -> a1/null; a2/null -> a2/null; ");

  auto deleted =
      run(db, {bulk_delete_command{.rows = people(named("a")), .events = bulk_events::on}});
  CHECK(deleted.result.count == 3);
  CHECK(text_of(deleted.changes) == "a2/null -> nothing; a1/null -> nothing; a0/null -> nothing; ");
  CHECK(run(db, {count_command{.rows = people()}}).result.count == 1);
}

TEST_CASE("bulk commands tell of nothing, if they shall not", "[store][bulk]") {
  auto db = empty_database();
  CHECK(create_all(db, 3, "a", bulk_events::off).changes.empty());
  CHECK(run(db, {bulk_update_command{.rows = people(), .changes = {{2, std::string{}}}}})
            .result.error);
  CHECK(run(db, {bulk_delete_command{.rows = people()}}).changes.empty());
}

TEST_CASE("what goes with rows that are deleted together is told, too", "[store][bulk]") {
  auto db = empty_database();
  auto host = create(db, person{.username = "host"});
  create(db, place{.name = "there", .host = host.id});
  auto deleted = run(db, {bulk_delete_command{.rows = people(), .events = bulk_events::on}});
  CHECK(deleted.result.count == 1);
  CHECK(deleted.changes.size() == 2);
}

TEST_CASE("where many rows change at once, a gap is told instead", "[store][bulk]") {
  auto db = empty_database();
  auto created = create_all(db, too_many, "a");
  CHECK(created.result.count == too_many);
  CHECK(text_of(created.changes) == "gap person; ");
  auto updated = run(db, {bulk_update_command{.rows = people(named("a")),
                                              .changes = {{2, value{std::monostate{}}}},
                                              .events = bulk_events::on}});
  CHECK(updated.result.count == too_many);
  CHECK(text_of(updated.changes) == "gap person; ");
  auto deleted = run(db, {bulk_delete_command{.rows = people(), .events = bulk_events::on}});
  CHECK(deleted.result.count == too_many);
  CHECK(text_of(deleted.changes) == "gap person; ");
  CHECK(run(db, {count_command{.rows = people()}}).result.count == 0);
}

TEST_CASE("a bulk command that fails tells of nothing", "[store][bulk]") {
  auto db = empty_database();
  create_all(db, 1, "a");
  auto failed = create_all(db, 2, "a");
  REQUIRE(failed.result.error);
  CHECK(failed.changes.empty());
  CHECK(run(db, {count_command{.rows = people()}}).result.count == 1);
}

TEST_CASE("the feed keeps what bulk commands tell, and that there was a gap", "[store][bulk]") {
  if (on_postgresql()) {
    return;
  }
  temporary_folder folder;
  database_options options{.url = folder.url("feed.db")};
  options.feed.models = {&model_of<person>()};
  database db{options, all_models()};
  db.migrate();
  auto start = *db.changes()->cut();
  auto commit = [&db](command x) {
    unit_of_work unit{db};
    unit.execute(x);
    auto changes = unit.take_changes();
    unit.commit(std::span{&changes, 1});
  };
  commit({bulk_create_command{
      .model = &model_of<person>(), .rows = rows(2, "a"), .events = bulk_events::on}});
  commit({bulk_create_command{
      .model = &model_of<person>(), .rows = rows(too_many, "b"), .events = bulk_events::on}});
  auto page = db.changes()->read(start, *db.changes()->cut());
  REQUIRE(page);
  CHECK(text_of(page->changes) == "nothing -> a0/null; nothing -> a1/null; gap person; ");
}

} // namespace bulk_events_tests
