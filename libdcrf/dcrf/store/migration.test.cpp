#include "dcrf/store/migration.hpp"

#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace dcrf;
using namespace dcrf::store_test;

namespace dcrf::store_test {

struct cents {
  std::int64_t id{};
  decimal price{0, 2};
};
BOOST_DESCRIBE_STRUCT(cents, (), (id, price))

struct tenths_of_cents {
  std::int64_t id{};
  decimal price{0, 3};
};
BOOST_DESCRIBE_STRUCT(tenths_of_cents, (), (id, price))

} // namespace dcrf::store_test

template <>
struct dcrf::model<cents> {
  static constexpr auto table = "test_price";
  using primary_key = dcrf::primary_key<&cents::id>;
  using fields = dcrf::fields<dcrf::field<&cents::price, dcrf::digits<8, 2>>>;
};

template <>
struct dcrf::model<tenths_of_cents> {
  static constexpr auto table = "test_price";
  using primary_key = dcrf::primary_key<&tenths_of_cents::id>;
  using fields = dcrf::fields<dcrf::field<&tenths_of_cents::price, dcrf::digits<8, 3>>>;
};

namespace migration_tests {

namespace {

schema people() { return schema::of<person, place>(); }

// The tables as an earlier program left them.
struct old_database {
  explicit old_database(const std::string& sql) { execute_sql(folder.file("x.db"), sql); }

  std::vector<std::string> migrate() {
    return database{{.url = folder.url("x.db")}, people()}.migrate();
  }

  std::string refusal() {
    auto before = dump();
    try {
      migrate();
    } catch (const store_failure& e) {
      CHECK(dump() == before);
      return e.what();
    }
    FAIL("migrated");
    return {};
  }

  std::string dump() {
    return query_sql(folder.file("x.db"), "SELECT group_concat(sql, ';') FROM sqlite_schema");
  }

  temporary_folder folder;
};

constexpr auto person_table =
    "CREATE TABLE test_person (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
    "username TEXT NOT NULL UNIQUE, nickname TEXT UNIQUE);";

std::string place_table(const std::string& host =
                            "host INTEGER NOT NULL REFERENCES test_person (id) ON DELETE CASCADE") {
  return "CREATE TABLE test_place (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT NOT "
         "NULL UNIQUE, deputy INTEGER REFERENCES test_person ON DELETE SET NULL, "
         + host + ");";
}

using steps = std::vector<std::string>;

} // namespace

TEST_CASE("tables are created once", "[migration]") {
  database db{empty_options(), all_models()};
  auto done = db.migrate();
  CHECK(done.front() == "Created the table test_person.");
  CHECK(std::ranges::find(done, "Created the index over test_place_members.target.") != done.end());
  CHECK(std::ranges::find(done, "Created the unique index over test_person.username.")
        != done.end());
  CHECK(db.migrate().empty());
}

TEST_CASE("each migration is a version", "[migration][sqlite]") {
  old_database old{person_table};
  CHECK(old.migrate().size() > 1);
  auto file = old.folder.file("x.db");
  CHECK(query_sql(file, "SELECT group_concat(version) FROM dcrf_schema") == "1");
  execute_sql(file, "DROP INDEX test_place__host__index");
  CHECK(old.migrate() == steps{"Created the index over test_place.host."});
  CHECK(old.migrate().empty());
  CHECK(query_sql(file, "SELECT description FROM dcrf_schema WHERE version = 2")
        == "Created the index over test_place.host.");
}

TEST_CASE("what is missing is added", "[migration][sqlite]") {
  old_database old{"CREATE TABLE test_person (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
                   "username VARCHAR(30) NOT NULL, more REAL DEFAULT 1, less INTEGER);"
                   "INSERT INTO test_person (username) VALUES ('a'), ('b');"
                   + place_table("x REAL")};
  auto done = old.migrate();
  CHECK(done[0] == "Created the unique index over test_person.username.");
  CHECK(done[1] == "Added the column test_person.nickname.");
  database db{{.url = old.folder.url("x.db")}, people()};
  auto a = run(db, {retrieve_command{by_key<person>(std::int64_t{1})}});
  CHECK((a.result.rows[0].values == to_record(person{.id = 1, .username = "a"})));
  // A column that may not be null was added to a table without rows.
  create(db, place{.name = "x", .host = 1});
  auto nowhere = run(db, {create_command{.model = &model_of<place>(),
                                         .values = to_record(place{.name = "y", .host = 9})}});
  CHECK(nowhere.result.error);
}

TEST_CASE("an index that the models no longer want is dropped", "[migration][sqlite]") {
  old_database old{person_table + place_table()};
  old.migrate();
  execute_sql(old.folder.file("x.db"),
              "CREATE UNIQUE INDEX test_place__host__unique ON test_place (host);"
              "CREATE INDEX other ON test_place (host, name)");
  CHECK(old.migrate() == steps{"Dropped the unique index over test_place.host."});
}

TEST_CASE("what can't be done without guessing is refused", "[migration][sqlite]") {
  struct difference {
    std::string sql;
    std::string reason;
  };
  const std::string person_rest = "id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, nickname TEXT";
  auto x = GENERATE_COPY(Catch::Generators::values<difference>({
      {"CREATE TABLE test_person (" + person_rest + ", username INTEGER NOT NULL)",
       "its column \"username\" has the type INTEGER, but the model wants TEXT"},
      {"CREATE TABLE test_person (" + person_rest + ", username TEXT)",
       "its column \"username\" may be null, but the model wants the opposite"},
      {"CREATE TABLE test_person (id INTEGER PRIMARY KEY, nickname TEXT, username TEXT NOT NULL)",
       "its column \"id\" is a primary key without AUTOINCREMENT"},
      {"CREATE TABLE test_person (nickname TEXT, username TEXT NOT NULL)",
       "its column \"id\" is the primary key in the model, but it is not there"},
      {"CREATE TABLE test_person (" + person_rest + "); INSERT INTO test_person DEFAULT VALUES",
       "its column \"username\" is new, may not be null and has no default"},
      {"CREATE TABLE test_person (" + person_rest
           + ", username TEXT NOT NULL);"
             "INSERT INTO test_person (username) VALUES ('it''s'), ('it''s')",
       "its column \"username\" shall be unique, but several rows hold it's"},
      {"CREATE TABLE test_person (" + person_rest + ", username TEXT NOT NULL, age INT NOT NULL)",
       "its column \"age\" is not in the model, and no row could be inserted without it"},
      {person_table + place_table("host INTEGER NOT NULL REFERENCES test_person (id)"),
       "its column \"host\" refers to test_person.id (ON DELETE NO ACTION), but in the model it "
       "refers to test_person.id (ON DELETE CASCADE)"},
      {person_table + place_table("host INTEGER NOT NULL"),
       "its column \"host\" refers to nothing"},
      {person_table + place_table() + "CREATE TABLE test_place_members (source INTEGER)",
       "the table \"test_place_members\" can't be migrated"},
  }));
  old_database old{x.sql};
  CHECK_THAT(old.refusal(), Catch::Contains(x.reason));
}

TEST_CASE("a database opened for reading is only checked", "[migration][sqlite]") {
  old_database old{person_table};
  database db{{.url = old.folder.url("x.db"), .read_only = true}, people()};
  CHECK_THROWS_WITH(db.migrate(), Catch::Contains("opened for reading only; missing is: "));
}

TEST_CASE("decimals with other places are refused", "[migration]") {
  temporary_folder folder;
  auto options = on_postgresql() ? empty_options() : database_options{.url = folder.url("x.db")};
  {
    database db{options, schema::of<cents>()};
    db.migrate();
    create(db, cents{.price = {150, 2}});
    CHECK(db.migrate().empty());
  }
  database changed{options, schema::of<tenths_of_cents>()};
  CHECK_THROWS_WITH(changed.migrate(), Catch::Contains("its column \"price\" has ")
                                           && Catch::Contains("but the model wants"));
  database again{options, schema::of<cents>()};
  CHECK(again.migrate().empty());
}

TEST_CASE("decimals are converted as the refusal says", "[migration]") {
  temporary_folder folder;
  auto options = on_postgresql() ? empty_options() : database_options{.url = folder.url("x.db")};
  {
    database db{options, schema::of<cents>()};
    db.migrate();
    create(db, cents{.price = {150, 2}});
  }
  database changed{options, schema::of<tenths_of_cents>()};
  CHECK_THROWS_WITH(changed.migrate(),
                    Catch::Contains("dcrf::migration(\"…\").changed<&tenths_of_cents::price>("));
  std::vector<migration> more{migration("more places").changed<&tenths_of_cents::price>()};
  CHECK(migrate(options, schema::of<tenths_of_cents>(), more)
        == steps{"more places: Changed the column test_price.price."});
  CHECK(changed.migrate().empty());
  auto found = run(changed, {retrieve_command{by_key<tenths_of_cents>(std::int64_t{1})}});
  REQUIRE(found.result.rows.size() == 1);
  CHECK(from_record<tenths_of_cents>(found.result.rows[0].values).price.to_string() == "1.500");
}

} // namespace migration_tests
