#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"
#include "dcrf/store/migration.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace dcrf;
using namespace dcrf::store_test;

namespace dcrf::store_test {

// A model in three versions of a program.
struct bird {
  std::int64_t id{};
  std::string name;
  std::optional<std::string> nick;
  std::string weight;
  std::int64_t nest{};
};
BOOST_DESCRIBE_STRUCT(bird, (), (id, name, nick, weight, nest))

struct renamed_bird {
  std::int64_t id{};
  std::string name;
  std::optional<std::string> nickname;
  std::string weight;
  std::int64_t nest{};
};
BOOST_DESCRIBE_STRUCT(renamed_bird, (), (id, name, nickname, weight, nest))

struct changed_bird {
  std::int64_t id{};
  std::string name;
  std::string nickname;
  std::optional<std::int64_t> weight;
  std::int64_t rating{};
};
BOOST_DESCRIBE_STRUCT(changed_bird, (), (id, name, nickname, weight, rating))

// A flock with the birds in it, whose table and relation get other names.
struct flock {
  std::int64_t id{};
  std::string name;
  std::optional<std::int64_t> leader;
  many_to_many<bird> members;
};
BOOST_DESCRIBE_STRUCT(flock, (), (id, name, leader, members))

struct swarm {
  std::int64_t id{};
  std::string name;
  std::optional<std::int64_t> leader;
  many_to_many<bird> members;
};
BOOST_DESCRIBE_STRUCT(swarm, (), (id, name, leader, members))

struct renamed_swarm {
  std::int64_t id{};
  std::string name;
  many_to_many<bird> birds;
};
BOOST_DESCRIBE_STRUCT(renamed_swarm, (), (id, name, birds))

} // namespace dcrf::store_test

template <>
struct dcrf::model<dcrf::store_test::flock> {
  using flock = dcrf::store_test::flock;
  static constexpr auto table = "test_flock";
  using primary_key = dcrf::primary_key<&flock::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&flock::leader, dcrf::store_test::bird, dcrf::on_delete::set_null>,
      dcrf::relation<&flock::members, dcrf::related_name<"flocks">>>;
};

template <>
struct dcrf::model<dcrf::store_test::swarm> {
  using swarm = dcrf::store_test::swarm;
  static constexpr auto table = "test_swarm";
  using primary_key = dcrf::primary_key<&swarm::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&swarm::leader, dcrf::store_test::bird, dcrf::on_delete::set_null>,
      dcrf::relation<&swarm::members, dcrf::related_name<"swarms">>>;
};

template <>
struct dcrf::model<dcrf::store_test::renamed_swarm> {
  using renamed_swarm = dcrf::store_test::renamed_swarm;
  static constexpr auto table = "test_swarm";
  using primary_key = dcrf::primary_key<&renamed_swarm::id>;
  using fields = dcrf::fields<dcrf::relation<&renamed_swarm::birds, dcrf::related_name<"swarms">>>;
};

template <>
struct dcrf::model<dcrf::store_test::bird> {
  using bird = dcrf::store_test::bird;
  static constexpr auto table = "test_bird";
  using primary_key = dcrf::primary_key<&bird::id>;
  using fields = dcrf::fields<dcrf::text_field<&bird::name, dcrf::unique>,
                              dcrf::text_field<&bird::nick, dcrf::unique>>;
};

template <>
struct dcrf::model<dcrf::store_test::renamed_bird> {
  using bird = dcrf::store_test::renamed_bird;
  static constexpr auto table = "test_bird";
  using primary_key = dcrf::primary_key<&bird::id>;
  using fields = dcrf::fields<dcrf::text_field<&bird::name, dcrf::unique>,
                              dcrf::text_field<&bird::nickname, dcrf::unique>>;
};

template <>
struct dcrf::model<dcrf::store_test::changed_bird> {
  using bird = dcrf::store_test::changed_bird;
  static constexpr auto table = "test_animal";
  using primary_key = dcrf::primary_key<&bird::id>;
  using fields = dcrf::fields<dcrf::text_field<&bird::name, dcrf::unique>>;
};

namespace migration_steps_tests {

namespace {

using steps = std::vector<std::string>;

struct fixture {
  fixture() {
    database db{options, schema::of<bird>()};
    db.migrate();
    create(db, bird{.name = "heron", .nick = "h", .weight = "1900", .nest = 7});
    create(db, bird{.name = "stork", .weight = "3300", .nest = 8});
    auto gone = create(db, bird{.name = "gone", .weight = "0"});
    run(db, {delete_command{by_key<bird>(gone.id)}});
  }

  template <model_type T>
  steps migrate(const std::vector<migration>& x, migration_mode mode = migration_mode::run) {
    return dcrf::migrate(options, schema::of<T>(), x, mode);
  }

  template <model_type T>
  std::string refusal(const std::vector<migration>& x, migration_mode mode = migration_mode::run) {
    try {
      migrate<T>(x, mode);
    } catch (const store_failure& e) {
      return e.what();
    }
    FAIL("migrated");
    return {};
  }

  template <model_type T>
  std::vector<T> rows() {
    database db{options, schema::of<T>()};
    std::vector<T> result;
    auto done = run(db, {list_command{.rows = {.model = &model_of<T>()}}});
    for (const auto& x : done.result.rows) {
      result.push_back(from_record<T>(x.values));
    }
    std::ranges::sort(result, {}, &T::id);
    return result;
  }

  temporary_folder folder;
  database_options options =
      on_postgresql() ? empty_options() : database_options{.url = folder.url("x.db")};
};

migration to_nickname() { return migration("nicknames").renamed<&renamed_bird::nickname>("nick"); }

std::vector<migration> to_animals() {
  return {
      migration("nicknames").renamed("test_bird", "nick", "nickname"),
      migration("animals")
          .renamed_table<changed_bird>("test_bird")
          .changed<&changed_bird::nickname>("coalesce(nickname, name)")
          .changed<&changed_bird::weight>("CAST(nullif(weight, '3300') AS bigint)")
          .added<&changed_bird::rating>("length(name)")
          .dropped<changed_bird>("nest"),
      migration("better").sql("UPDATE test_animal SET rating = rating + 1"),
      migration("best").run([](migration_sql& db) {
        for (const auto& row : db.query("SELECT id, name FROM test_animal ORDER BY id")) {
          std::vector<value> parameters{std::get<std::string>(row[1]) + "!", row[0]};
          CHECK(db.execute("UPDATE test_animal SET nickname = :p1 WHERE id = CAST(:p2 AS bigint)",
                           parameters)
                == 1);
        }
      }),
  };
}

} // namespace

TEST_CASE_METHOD(fixture, "a member with a new name gets no empty column beside the full one",
                 "[migration]") {
  CHECK_THAT(refusal<renamed_bird>({}),
             Catch::Contains("its column \"nickname\" is new, and the model lacks the column "
                             "\"nick\" of the same type")
                 && Catch::Contains(".renamed<&renamed_bird::nickname>(\"nick\")")
                 && Catch::Contains(".dropped<renamed_bird>(\"nick\")")
                 && Catch::Contains(".kept<renamed_bird>(\"nick\")"));
  CHECK(rows<bird>().size() == 2);
}

TEST_CASE_METHOD(fixture, "a column is renamed, with its index", "[migration]") {
  auto done = migrate<renamed_bird>({to_nickname()});
  CHECK(done
        == steps{"nicknames: Renamed the column test_bird.nick to nickname.",
                 "Created the unique index over test_bird.nickname."});
  CHECK(migrate<renamed_bird>({to_nickname()}).empty());
  CHECK(rows<renamed_bird>()[0].nickname == "h");
}

TEST_CASE_METHOD(fixture, "steps are taken once, in order", "[migration]") {
  CHECK(migrate<changed_bird>(to_animals()).size() == 9);
  CHECK(migrate<changed_bird>(to_animals()).empty());
  auto found = rows<changed_bird>();
  REQUIRE(found.size() == 2);
  CHECK(found[0].nickname == "heron!");
  CHECK(found[0].weight == 1900);
  CHECK(found[0].rating == 6);
  CHECK(found[1].nickname == "stork!");
  CHECK_FALSE(found[1].weight);
  // A key is not used again.
  database db{options, schema::of<changed_bird>()};
  CHECK(create(db, changed_bird{.name = "new", .nickname = "n"}).id == 4);
  // Constraints are there again.
  CHECK_THROWS_AS(create(db, changed_bird{.name = "new", .nickname = "n"}), store_failure);
}

TEST_CASE_METHOD(fixture, "a plan does nothing", "[migration]") {
  auto plan = migrate<changed_bird>(to_animals(), migration_mode::plan);
  CHECK(plan.size() == 9);
  CHECK(plan.front() == "nicknames: Renamed the column test_bird.nick to nickname.");
  CHECK(rows<bird>()[0].nick == "h");
  CHECK(migrate<changed_bird>(to_animals()) == plan);
}

TEST_CASE_METHOD(fixture, "what is not to be migrated is refused, unless it fits", "[migration]") {
  CHECK_THAT(refusal<renamed_bird>({to_nickname()}, migration_mode::off),
             Catch::Contains("has to be migrated first (--migrate=run)"));
  CHECK(rows<bird>()[0].nick == "h");
  migrate<renamed_bird>({to_nickname()});
  CHECK(migrate<renamed_bird>({to_nickname()}, migration_mode::off).empty());
}

TEST_CASE_METHOD(fixture, "a step that fails leaves nothing behind", "[migration]") {
  auto broken = to_animals();
  broken.push_back(migration("broken").sql("UPDATE nothing SET x = 1"));
  CHECK_THAT(refusal<changed_bird>(broken), Catch::StartsWith("the migration \"broken\" failed: "));
  CHECK(rows<bird>()[0].nick == "h");
  broken.back() = migration("broken").run([](migration_sql&) { throw 1; });
  CHECK_THROWS(migrate<changed_bird>(broken));
  CHECK(rows<bird>()[0].nick == "h");
}

TEST_CASE_METHOD(fixture, "mistakes in steps are named", "[migration]") {
  CHECK_THAT(refusal<bird>({migration("a"), migration("a")}),
             Catch::Contains("two migrations have the name \"a\""));
  CHECK_THAT(refusal<bird>({migration("a").renamed("test_bird", "none", "neither")}),
             Catch::Contains("the table \"test_bird\" has no column \"none\""));
  CHECK_THAT(refusal<bird>({migration("a").renamed("test_bird", "name", "nick")}),
             Catch::Contains("has both columns, \"name\" and \"nick\""));
  CHECK_THAT(refusal<bird>({migration("a").renamed_table("none", "neither")}),
             Catch::Contains("there is no table \"none\""));
  CHECK_THAT(refusal<bird>({migration("a").changed<&bird::id>()}),
             Catch::Contains("is the primary key, which no step changes"));
}

TEST_CASE_METHOD(fixture, "columns that no model has are named, unless they are kept",
                 "[migration]") {
  std::vector<std::string> told;
  options.report = [&told](const std::string& sentence) { told.push_back(sentence); };
  std::vector<migration> x{
      migration("others").sql("ALTER TABLE test_bird ADD COLUMN extra integer")};
  migrate<bird>(x);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told.front(),
             Catch::Contains("\"test_bird\" has columns that its model lacks: extra;"));
  x.push_back(migration("kept").kept<bird>("extra"));
  told.clear();
  migrate<bird>(x);
  CHECK(told.empty());
}

TEST_CASE("a table with a new name takes its relations along, and none is left behind",
          "[migration]") {
  temporary_folder folder;
  auto options = on_postgresql() ? empty_options() : database_options{.url = folder.url("x.db")};
  {
    database db{options, schema::of<bird, flock>()};
    db.migrate();
    auto member = create(db, bird{.name = "heron"});
    auto group = create(db, flock{.name = "north", .leader = member.id});
    relate_command joins{
        .relation = &model_of<flock>().relations.front(), .key = group.id, .keys = {member.id}};
    REQUIRE_FALSE(run(db, {joins}).result.error);
  }
  auto refusal_of = [&](const schema& models, const std::vector<migration>& x) {
    try {
      migrate(options, models, x);
    } catch (const store_failure& e) {
      return std::string{e.what()};
    }
    return std::string{};
  };
  auto swarms = schema::of<bird, swarm>();
  CHECK_THAT(refusal_of(swarms, {}),
             Catch::Contains("the table \"test_swarm\" is new, and no model has the table "
                             "\"test_flock\" with the same columns")
                 && Catch::Contains(".renamed_table<swarm>(\"test_flock\")")
                 && Catch::Contains(".kept_table(\"test_flock\")"));
  std::vector<migration> x{migration("swarms").renamed_table<swarm>("test_flock")};
  CHECK(migrate(options, swarms, x).front()
        == "swarms: Renamed the table test_flock to test_swarm.");
  auto linked = [&](const schema& models, const model_descriptor& model) {
    database db{options, models};
    fetch all{.kind = fetch::side::targets,
              .model = &model_of<bird>(),
              .relation = &model.relations.front(),
              .keys_only = true};
    auto done = run(db, {list_command{.rows = {.model = &model}, .plan = {all}}});
    return done.result.rows.at(0).related.at(0).size();
  };
  CHECK(linked(swarms, model_of<swarm>()) == 1);

  auto renamed = schema::of<bird, renamed_swarm>();
  x.push_back(migration("leaders").dropped<renamed_swarm>("leader"));
  CHECK_THAT(
      refusal_of(renamed, x),
      Catch::Contains("the table \"test_swarm_birds\" is new")
          && Catch::Contains(".renamed_table(\"test_swarm_members\", \"test_swarm_birds\")"));
  x.push_back(migration("birds").renamed_table("test_swarm_members", "test_swarm_birds"));
  CHECK_FALSE(migrate(options, renamed, x).empty());
  CHECK(linked(renamed, model_of<renamed_swarm>()) == 1);
  CHECK(migrate(options, renamed, x).empty());
}

TEST_CASE("positions in the feed don't outlive what steps have changed", "[migration][sqlite]") {
  temporary_folder folder;
  database_options options{.url = folder.url("x.db"), .feed = {.models = {&model_of<person>()}}};
  auto models = schema::of<person>();
  std::string position;
  auto standing = [&] {
    database db{options, models};
    db.migrate();
    feed_position found;
    return db.changes()->find(position, options.feed.models, found);
  };
  {
    database db{options, models};
    db.migrate();
    create(db, person{.username = "a"});
    position = db.changes()->cut()->text;
  }
  migrate(options, models, {});
  CHECK(standing() == feed::standing::known);
  migrate(options, models, {migration("x").sql("UPDATE test_person SET nickname = 'b'")});
  CHECK(standing() == feed::standing::expired);
}

TEST_CASE("in a new database all migrations count as done", "[migration]") {
  temporary_folder folder;
  auto options = on_postgresql() ? empty_options() : database_options{.url = folder.url("x.db")};
  auto models = schema::of<changed_bird>();
  CHECK(migrate(options, models, to_animals()).front() == "Created the table test_animal.");
  CHECK(migrate(options, models, to_animals()).empty());
}

TEST_CASE("a reference that a step leaves dangling is refused", "[migration]") {
  temporary_folder folder;
  auto options = on_postgresql() ? empty_options() : database_options{.url = folder.url("x.db")};
  auto models = schema::of<person, place>();
  database db{options, models};
  db.migrate();
  auto host = create(db, person{.username = "a"});
  create(db, place{.name = "x", .host = host.id});
  CHECK_THROWS_WITH(
      migrate(options, models, {migration("bad").sql("UPDATE test_place SET host = 99")}),
      Catch::Contains("the migration \"bad\" failed: "));
  CHECK(migrate(options, models, {migration("good").changed<&place::host>("host")}).size() == 1);
  CHECK(run(db, {delete_command{by_key<person>(host.id)}}).changes.size() == 2);
}

} // namespace migration_steps_tests
