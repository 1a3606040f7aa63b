#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

namespace change_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

const auto& nodes = model_of<store_test::node>();
const auto& friends = *nodes.find_relation("friends");

record values(std::int64_t key, std::string label) {
  return to_record(store_test::node{.id = key, .label = std::move(label)});
}

change created(std::int64_t key, std::string label, std::uint64_t version = 1) {
  auto after = values(key, std::move(label));
  return {.model = &nodes, .after = std::move(after), .version = version};
}

change saved(std::int64_t key, std::string from, std::string to, std::uint64_t version = 2) {
  auto after = values(key, std::move(to));
  return {.model = &nodes,
          .before = values(key, std::move(from)),
          .after = std::move(after),
          .version = version};
}

change deleted(std::int64_t key, std::string label, std::uint64_t version = 3) {
  auto before = values(key, std::move(label));
  return {.model = &nodes, .before = before, .deleted = before, .version = version};
}

change relation_changed(std::int64_t key, bool reverse = false, std::uint64_t version = 4) {
  auto x = saved(key, "a", "a", version);
  x.relation = &friends;
  x.reverse = reverse;
  return x;
}

std::vector<change> sum_of(std::vector<change> changes) { return summed(changes); }

bool is(const std::optional<record>& x, std::int64_t key, std::string label) {
  return x == values(key, std::move(label));
}

} // namespace

TEST_CASE("creating and saving is creating", "[change]") {
  auto sum = sum_of({created(1, "a"), saved(1, "a", "b"), saved(1, "b", "c", 9)});
  REQUIRE(sum.size() == 1);
  CHECK_FALSE(sum[0].before.has_value());
  CHECK(is(sum[0].after, 1, "c"));
  CHECK((sum[0].last() == values(1, "c")));
  CHECK(sum[0].version == 9);
}

TEST_CASE("creating and deleting is nothing", "[change]") {
  CHECK(sum_of({created(1, "a"), saved(1, "a", "b"), deleted(1, "b")}).empty());
  CHECK(sum_of({created(1, "a"), relation_changed(1), deleted(1, "a")}).empty());
}

TEST_CASE("saving and deleting is deleting what was there at first", "[change]") {
  auto sum = sum_of({saved(1, "a", "b"), deleted(1, "b")});
  REQUIRE(sum.size() == 1);
  CHECK(is(sum[0].before, 1, "a"));
  CHECK_FALSE(sum[0].after.has_value());
  CHECK((sum[0].last() == values(1, "b")));
}

TEST_CASE("there and back is one update", "[change]") {
  auto sum = sum_of({saved(1, "a", "b"), saved(1, "b", "a")});
  REQUIRE(sum.size() == 1);
  CHECK((sum[0].before == sum[0].after));
}

TEST_CASE("deleting and creating again is an update", "[change]") {
  auto sum = sum_of({deleted(1, "a"), created(1, "b")});
  REQUIRE(sum.size() == 1);
  CHECK(is(sum[0].before, 1, "a"));
  CHECK(is(sum[0].after, 1, "b"));
}

TEST_CASE("a row whose key changes stays the same row", "[change]") {
  auto moved = saved(1, "a", "a");
  moved.after = values(2, "a");
  auto sum = sum_of({created(1, "a"), moved, saved(2, "a", "b")});
  REQUIRE(sum.size() == 1);
  CHECK_FALSE(sum[0].before.has_value());
  CHECK(is(sum[0].after, 2, "b"));
}

TEST_CASE("rows come in the order of their first changes", "[change]") {
  auto sum = sum_of({saved(3, "a", "b"), created(1, "a"), deleted(2, "a"), saved(3, "b", "c"),
                     relation_changed(4), saved(1, "a", "b")});
  REQUIRE(sum.size() == 4);
  CHECK(sum[0].key() == value{std::int64_t{3}});
  CHECK(sum[1].key() == value{std::int64_t{1}});
  CHECK(sum[2].key() == value{std::int64_t{2}});
  CHECK(sum[3].key() == value{std::int64_t{4}});
}

TEST_CASE("changes of a relation become one, and vanish beside one of the row", "[change]") {
  auto sum = sum_of({relation_changed(1), relation_changed(1, false, 7)});
  REQUIRE(sum.size() == 1);
  CHECK(sum[0].relation == &friends);
  CHECK(sum[0].version == 7);

  CHECK(sum_of({relation_changed(1), relation_changed(1, true)}).size() == 2);
  for (const auto& changes : {std::vector{relation_changed(1), saved(1, "a", "b")},
                              std::vector{saved(1, "a", "b"), relation_changed(1)},
                              std::vector{created(1, "a"), relation_changed(1)},
                              std::vector{relation_changed(1), deleted(1, "a")}}) {
    auto beside = summed(changes);
    REQUIRE(beside.size() == 1);
    CHECK(beside[0].relation == nullptr);
  }
}

TEST_CASE("rows of different models are different rows", "[change]") {
  auto other = created(1, "a");
  other.model = &model_of<store_test::pin>();
  other.after = to_record(store_test::pin{.id = 1, .note = 1});
  CHECK(sum_of({created(1, "a"), other}).size() == 2);
}

TEST_CASE("any sum tells the difference between before and after", "[change]") {
  auto seed = GENERATE(Catch::Generators::range(0u, 200u));
  std::mt19937 random{seed};
  std::map<std::int64_t, std::string> rows{{1, "1"}, {2, "2"}, {3, "3"}};
  const auto at_first = rows;
  std::set<std::int64_t> touched;
  std::vector<change> changes;
  for (int i = 0; i < 12; ++i) {
    auto key = static_cast<std::int64_t>(random() % 5);
    auto label = std::to_string(random() % 3);
    auto version = static_cast<std::uint64_t>(i);
    touched.insert(key);
    if (!rows.contains(key)) {
      changes.push_back(created(key, label, version));
      rows[key] = label;
    } else if (random() % 3 == 0) {
      changes.push_back(deleted(key, rows[key], version));
      rows.erase(key);
    } else {
      changes.push_back(saved(key, rows[key], label, version));
      rows[key] = label;
    }
  }

  auto state = [](const std::map<std::int64_t, std::string>& of, std::int64_t key) {
    auto found = of.find(key);
    return found == of.end() ? std::nullopt : std::optional{values(key, found->second)};
  };
  std::set<std::int64_t> told;
  for (const auto& x : summed(changes)) {
    auto key = std::get<std::int64_t>(x.key());
    CHECK(told.insert(key).second);
    CHECK((x.before == state(at_first, key)));
    CHECK((x.after == state(rows, key)));
    CHECK((x.before || x.after));
  }
  for (auto key : touched) {
    auto is_nothing = !at_first.contains(key) && !rows.contains(key);
    CHECK(told.contains(key) != is_nothing);
  }
}

} // namespace change_tests
