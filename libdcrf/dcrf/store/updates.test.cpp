#include "dcrf/store/assignment.hpp"
#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <thread>

// Updates of single columns, numbers that are computed, and versions.

namespace updates_tests {

using namespace dcrf;
using namespace dcrf::store_test;

struct account {
  std::int64_t id{};
  std::string owner;
  std::int32_t balance = 0;
  std::int64_t held = 0;
  std::optional<double> rate;
  decimal price{0, 2};
  timestamp saved_at;
  std::int64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (id, owner, balance, held, rate, price, saved_at, revision))

// Without a version.
struct counter {
  std::string name;
  std::int64_t number = 0;
  std::int64_t other = 0;
};
BOOST_DESCRIBE_STRUCT(counter, (), (name, number, other))

struct card {
  std::int64_t id{};
  std::optional<std::int64_t> account;
  std::int64_t revision = 7;
};
BOOST_DESCRIBE_STRUCT(card, (), (id, account, revision))

} // namespace updates_tests

template <>
struct dcrf::model<updates_tests::account> {
  using account = updates_tests::account;
  static constexpr auto table = "test_account";
  using primary_key = dcrf::primary_key<&account::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&account::owner, dcrf::max_length<30>, dcrf::unique>,
                   dcrf::field<&account::balance, dcrf::value_range<0, 1000>>,
                   dcrf::field<&account::price, dcrf::digits<4, 2>>,
                   dcrf::auto_now<&account::saved_at>, dcrf::version<&account::revision>>;
};

template <>
struct dcrf::model<updates_tests::counter> {
  static constexpr auto table = "test_counter";
  using primary_key = dcrf::primary_key<&updates_tests::counter::name>;
};

template <>
struct dcrf::model<updates_tests::card> {
  using card = updates_tests::card;
  static constexpr auto table = "test_card";
  using primary_key = dcrf::primary_key<&card::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&card::account, updates_tests::account, dcrf::on_delete::set_null>,
      dcrf::version<&card::revision>>;
};

namespace updates_tests {

namespace {

schema models() { return schema::of<account, counter, card>(); }

struct fixture {
  fixture() : db{empty_options(), models()} { db.migrate(); }

  template <class T, class... Changes>
  outcome change(value key, Changes... changes) {
    update_command x{.where = by_key<T>(std::move(key))};
    (std::move(changes).add_to(x), ...);
    return run(db, {std::move(x)});
  }

  template <class T, class... Changes>
  T changed(value key, Changes... changes) {
    auto done = change<T>(std::move(key), std::move(changes)...);
    if (done.result.error) {
      throw store_failure(*done.result.error);
    }
    CHECK(done.changes.size() == 1);
    return from_record<T>(done.result.rows.front().values);
  }

  template <class T, class... Changes>
  store_result change_all(query<T> rows, Changes... changes) {
    bulk_update_command x{.rows = std::move(rows).get()};
    (std::move(changes).add_to(x), ...);
    return run(db, {std::move(x)}).result;
  }

  template <class T>
  T found(value key) {
    auto done = run(db, {retrieve_command{.where = by_key<T>(std::move(key))}});
    return from_record<T>(done.result.rows.at(0).values);
  }

  database db;
};

std::string errors_of(const store_result& x) {
  REQUIRE(x.error);
  CHECK(x.error->code == store_errc::invalid);
  return x.error->errors.to_json_text().str();
}

} // namespace

TEST_CASE_METHOD(fixture, "an update writes the columns that it names", "[store]") {
  create(db, counter{.name = "a", .number = 1, .other = 2});
  changed<counter>("a", set<&counter::number>(5));
  CHECK(found<counter>("a").other == 2);
  changed<counter>("a", set<&counter::other>(6));
  CHECK(found<counter>("a").number == 5);
  CHECK(found<counter>("a").other == 6);
  CHECK(changed<counter>("a", set<&counter::name>("b")).name == "b");
  CHECK(change<counter>("a", set<&counter::number>(1)).result.is_missing());
}

TEST_CASE_METHOD(fixture, "numbers are computed from the row as it is", "[store]") {
  auto pk = create(db, account{.owner = "ann", .balance = 10, .held = 3, .price = {150, 2}}).id;

  SECTION("by adding to them") {
    CHECK(changed<account>(pk, increment<&account::balance>()).balance == 11);
    CHECK(changed<account>(pk, increment<&account::balance>(-11)).balance == 0);
    CHECK(changed<account>(pk, increment<&account::price>(decimal{-25, 2})).price
          == decimal{125, 2});
    CHECK(changed<account>(pk, increment<&account::price>(2)).price == decimal{325, 2});
  }
  SECTION("from several columns, all as they were before") {
    auto x = changed<account>(
        pk, set<&account::balance>(column<&account::held> * 2 + column<&account::balance> - 1),
        set<&account::held>(column<&account::balance>));
    CHECK(x.balance == 15);
    CHECK(x.held == 10);
    CHECK(changed<account>(pk, set<&account::held>(100 - column<&account::held>)).held == 90);
  }
  SECTION("reals, too; what is null stays null") {
    CHECK_FALSE(changed<account>(pk, increment<&account::rate>(1.5)).rate);
    changed<account>(pk, set<&account::rate>(2));
    CHECK(changed<account>(pk, set<&account::rate>(column<&account::rate> * 1.5)).rate == 3.0);
  }
  auto stored = found<account>(pk);
  CHECK(stored.owner == "ann");
  CHECK(to_record(stored)
        == run(db, {retrieve_command{.where = by_key<account>(pk)}}).result.rows[0].values);
}

TEST_CASE_METHOD(fixture, "what is computed stays within the bounds of its field", "[store]") {
  auto pk = create(db, account{.owner = "ann", .balance = 10, .price = {9900, 2}}).id;
  CHECK(errors_of(change<account>(pk, increment<&account::balance>(-11)).result)
        == R"({"balance":["Ensure this value is greater than or equal to 0."]})");
  CHECK(errors_of(change<account>(pk, increment<&account::balance>(991)).result)
        == R"({"balance":["Ensure this value is less than or equal to 1000."]})");
  CHECK(errors_of(change<account>(pk, increment<&account::price>(1)).result)
        == R"({"price":["Ensure that there are no more than 4 digits in total."]})");
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  changed<account>(pk, set<&account::held>(most));
  CHECK(errors_of(change<account>(pk, increment<&account::held>()).result)
        == R"({"held":["Ensure this value is less than or equal to 9223372036854775807."]})");
  CHECK(errors_of(change<account>(pk, set<&account::held>(column<&account::held> * -2)).result)
        == R"({"held":["Ensure this value is greater than or equal to -9223372036854775808."]})");
  // All errors at once, and nothing is written.
  auto both = change<account>(pk, increment<&account::balance>(-11), set<&account::owner>("bob"),
                              increment<&account::held>());
  CHECK(errors_of(both.result).find("balance") != std::string::npos);
  CHECK(errors_of(both.result).find("held") != std::string::npos);
  CHECK(both.changes.empty());
  CHECK(found<account>(pk).owner == "ann");
  CHECK(found<account>(pk).balance == 10);
}

TEST_CASE_METHOD(fixture, "columns of many rows are changed at once", "[store]") {
  for (const auto* name : {"a", "b", "c"}) {
    create(db, account{.owner = name, .balance = 10, .price = {150, 2}});
  }
  auto first_two = query<account>{}.filter(column<&account::owner>.in({"a", "b"}));
  auto done = change_all(first_two, increment<&account::balance>(5), set<&account::held>(7),
                         set<&account::price>(column<&account::price> + decimal{1, 2}));
  REQUIRE_FALSE(done.error);
  CHECK(done.count == 2);
  CHECK(found<account>(std::int64_t{1}).balance == 15);
  CHECK(found<account>(std::int64_t{2}).price == decimal{151, 2});
  CHECK(found<account>(std::int64_t{2}).held == 7);
  CHECK(found<account>(std::int64_t{3}).balance == 10);

  SECTION("each by its own") {
    auto twice = change_all(query<account>{}, set<&account::balance>(column<&account::balance> * 2
                                                                     - column<&account::held>));
    CHECK(twice.count == 3);
    CHECK(found<account>(std::int64_t{1}).balance == 23);
    CHECK(found<account>(std::int64_t{3}).balance == 20);
  }
  SECTION("or none, if one would leave its bounds") {
    auto refused = change_all(query<account>{}, increment<&account::balance>(-11));
    CHECK(errors_of(refused)
          == R"({"balance":["Ensure this value is greater than or equal to 0."]})");
    CHECK(found<account>(std::int64_t{1}).balance == 15);
    CHECK(found<account>(std::int64_t{3}).balance == 10);
    CHECK(errors_of(change_all(query<account>{}, increment<&account::price>(99)))
          == R"({"price":["Ensure that there are no more than 4 digits in total."]})");
  }
  SECTION("no row is none") {
    auto none = query<account>{}.filter(column<&account::owner> == "z");
    CHECK(change_all(none, increment<&account::balance>(-11)).count == 0);
  }
}

TEST_CASE_METHOD(fixture, "each update counts up the version of its row", "[store]") {
  auto pk = create(db, account{.owner = "ann", .revision = 4}).id;
  auto other = create(db, account{.owner = "bob"}).id;
  CHECK(found<account>(pk).revision == 4);
  CHECK(changed<account>(pk, set<&account::owner>("eve")).revision == 5);
  CHECK(changed<account>(pk, increment<&account::balance>()).revision == 6);
  change_all(query<account>{}, set<&account::held>(1));
  CHECK(found<account>(pk).revision == 7);
  CHECK(found<account>(other).revision == 1);

  auto of_card = create(db, card{.account = pk}).id;
  CHECK(found<card>(of_card).revision == 7);
  auto removed = run(db, {delete_command{by_key<account>(pk)}});
  CHECK(found<card>(of_card).revision == 8);
  CHECK((*removed.changes.at(0).after)[2] == value{std::int64_t{8}});
}

TEST_CASE_METHOD(fixture, "an update for another version is a conflict and writes nothing",
                 "[store]") {
  auto pk = create(db, account{.owner = "ann"}).id;
  auto first = found<account>(pk);
  changed<account>(pk, set<&account::owner>("eve"), at_version<&account::revision>(0));
  auto done = change<account>(pk, set<&account::balance>(-5), set<&account::held>(9),
                              at_version<&account::revision>(first.revision));
  REQUIRE(done.result.error);
  CHECK(done.result.error->code == store_errc::conflict);
  CHECK(done.changes.empty());
  CHECK(found<account>(pk).held == 0);
  CHECK(found<account>(pk).revision == 1);
  CHECK(changed<account>(pk, at_version<&account::revision>(1)).revision == 2);

  // A missing row comes first.
  CHECK(change<account>(std::int64_t{9}, at_version<&account::revision>(0)).result.is_missing());
}

TEST_CASE_METHOD(fixture, "a conflict takes nothing from its transaction", "[store]") {
  auto pk = create(db, account{.owner = "ann"}).id;
  unit_of_work unit{db};
  auto update = [&](auto... changes) {
    update_command x{.where = by_key<account>(pk)};
    (std::move(changes).add_to(x), ...);
    return unit.execute({std::move(x)});
  };
  CHECK_FALSE(update(set<&account::held>(1)).error);
  CHECK(update(set<&account::held>(2), at_version<&account::revision>(0)).error->code
        == store_errc::conflict);
  CHECK_FALSE(update(increment<&account::held>(5), at_version<&account::revision>(1)).error);
  unit.commit();
  CHECK(found<account>(pk).held == 6);
}

TEST_CASE("increments of two connections are all there", "[store]") {
  temporary_folder folder;
  auto options = on_postgresql() ? empty_options() : database_options{.url = folder.url("two.db")};
  database first{options, models()};
  first.migrate();
  database second{options, models()};
  create(first, counter{.name = "a"});
  constexpr int times = 200;
  auto count = [](database& db) {
    for (int i = 0; i < times; ++i) {
      update_command x{.where = by_key<counter>(value{std::string{"a"}})};
      increment<&counter::number>().add_to(x);
      auto done = run(db, {std::move(x)});
      if (done.result.error) {
        throw store_failure(*done.result.error);
      }
    }
  };
  std::thread beside{[&] { count(second); }};
  count(first);
  beside.join();
  auto done = run(first, {retrieve_command{.where = by_key<counter>(value{std::string{"a"}})}});
  CHECK(done.result.rows.at(0).values[1] == value{std::int64_t{2 * times}});
}

} // namespace updates_tests
