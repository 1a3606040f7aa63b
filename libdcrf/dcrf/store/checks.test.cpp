#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"
#include "dcrf/store/migration.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace dcrf::checks_test {

struct item {
  std::int64_t id{};
  std::string name;
  decimal price{0, 2};
  std::optional<std::int32_t> stock;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, name, price, stock))

condition_on<item> costs_something();
condition_on<item> is_named_or_out_of_stock();

} // namespace dcrf::checks_test

template <>
struct dcrf::model<dcrf::checks_test::item> {
  using item = checks_test::item;
  static constexpr auto table = "test_item";
  using primary_key = dcrf::primary_key<&item::id>;
  using fields = dcrf::fields<text_field<&item::name, blank>, field<&item::price, digits<8, 2>>>;
  using constraints = dcrf::constraints<
      check<"item_costs_something", &checks_test::costs_something>,
      unique_together<&item::name, &item::price>,
      check<"item_is_named_or_out_of_stock", &checks_test::is_named_or_out_of_stock>>;
};

namespace dcrf::checks_test {

condition_on<item> costs_something() { return column<&item::price> >= decimal{50, 2}; }

condition_on<item> is_named_or_out_of_stock() {
  return !(column<&item::name>.in({"", "it's \"what\":p1"})) || column<&item::stock> == 0;
}

using namespace dcrf;
using dcrf::store_test::by_key;
using dcrf::store_test::run;

namespace {

database empty(const std::string& url) {
  database result{{.url = url}, schema::of<item>()};
  result.migrate();
  return result;
}

store_test::outcome stored(database& db, const item& x) {
  return run(db, {create_command{.model = &model_of<item>(), .values = to_record(x)}});
}

std::string errors_of(const store_test::outcome& x) {
  return x.result.error ? x.result.error->errors.to_json_text().str() : "";
}

constexpr auto too_cheap =
    R"({"non_field_errors":["Constraint “item_costs_something” is violated."]})";
constexpr auto nameless =
    R"({"non_field_errors":["Constraint “item_is_named_or_out_of_stock” is violated."]})";

} // namespace

TEST_CASE("the database keeps what a model's checks say", "[store]") {
  auto db = empty(store_test::empty_options().url);
  CHECK(errors_of(stored(db, {.name = "a", .price = {50, 2}})).empty());
  CHECK(errors_of(stored(db, {.name = "b", .price = {49, 2}})) == too_cheap);
  CHECK(errors_of(stored(db, {.name = "", .price = {60, 2}, .stock = 3})) == nameless);
  CHECK(errors_of(stored(db, {.name = "", .price = {60, 2}, .stock = 0})).empty());
  // What is unknown violates nothing, as in SQL.
  CHECK(errors_of(stored(db, {.name = "", .price = {70, 2}})).empty());

  auto changed = run(db, {update_command{.where = by_key<item>(std::int64_t{1}),
                                         .changes = {{2, decimal{10, 2}}}}});
  CHECK(errors_of(changed) == too_cheap);
  auto all = run(db, {bulk_update_command{.rows = {.model = &model_of<item>()},
                                          .changes = {{2, decimal{10, 2}}}}});
  CHECK(errors_of(all) == too_cheap);
  auto rows = run(db, {count_command{.rows = {.model = &model_of<item>()}}});
  CHECK(rows.result.count == 3);
}

TEST_CASE("checks come and go with the models that declare them", "[migration][sqlite]") {
  store_test::temporary_folder folder;
  {
    auto db = empty(folder.url("items"));
    CHECK(db.migrate().empty());
  }
  auto url = folder.url("items");
  {
    // An older version, with a check of that name that said something else, and one that is gone.
    auto sql = [&](const char* text) { store_test::execute_sql(folder.file("items"), text); };
    sql("DROP TRIGGER item_costs_something__insert");
    sql("CREATE TRIGGER item_costs_something__insert AFTER INSERT ON test_item WHEN NOT (1 = 1) "
        "BEGIN SELECT RAISE(ABORT, 'check test_item.item_costs_something failed'); END");
    sql("CREATE TRIGGER item_old__insert AFTER INSERT ON test_item WHEN NOT (1 = 0) BEGIN "
        "SELECT RAISE(ABORT, 'check test_item.item_old failed'); END");
    sql("CREATE TRIGGER of_somebody_else AFTER INSERT ON test_item WHEN 1 = 0 BEGIN SELECT "
        "RAISE(ABORT, 'no'); END");
  }
  database db{{.url = url}, schema::of<item>()};
  CHECK(db.migrate().size() == 3);
  CHECK(db.migrate().empty());
  CHECK(errors_of(stored(db, {.name = "b", .price = {49, 2}})) == too_cheap);
  CHECK(errors_of(stored(db, {.name = "b", .price = {51, 2}})).empty());
}

TEST_CASE("a column is dropped though a check named it, and the other checks stay",
          "[migration][sqlite]") {
  store_test::temporary_folder folder;
  {
    auto db = empty(folder.url("items"));
    auto sql = [&](const char* text) { store_test::execute_sql(folder.file("items"), text); };
    sql("ALTER TABLE test_item ADD COLUMN weight INTEGER");
    sql("CREATE TRIGGER item_weighs__insert AFTER INSERT ON test_item WHEN NOT (NEW.weight > 0) "
        "BEGIN SELECT RAISE(ABORT, 'check test_item.item_weighs failed'); END");
  }
  database_options options{.url = folder.url("items")};
  migrate(options, schema::of<item>(), {migration("weightless").dropped("test_item", "weight")},
          migration_mode::run);
  database db{options, schema::of<item>()};
  CHECK(store_test::query_sql(folder.file("items"),
                              "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")
        == "4");
  CHECK(errors_of(stored(db, {.name = "b", .price = {49, 2}})) == too_cheap);
  CHECK(errors_of(stored(db, {.name = "b", .price = {51, 2}})).empty());
}

TEST_CASE("a check that rows violate already stops the migration", "[migration][sqlite]") {
  store_test::temporary_folder folder;
  {
    auto db = empty(folder.url("items"));
    stored(db, {.name = "a", .price = {50, 2}});
    auto sql = [&](const char* text) { store_test::execute_sql(folder.file("items"), text); };
    sql("DROP TRIGGER item_costs_something__update");
    sql("UPDATE test_item SET price = 1");
  }
  database db{{.url = folder.url("items")}, schema::of<item>()};
  CHECK_THROWS_WITH(db.migrate(),
                    "the table \"test_item\" can't be migrated: the check "
                    "\"item_costs_something\" does not hold for some rows, the first of which has "
                    "the key 1; change them first");
}

} // namespace dcrf::checks_test
