#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Many-to-many relations whose links are rows of a model.

namespace dcrf::through_test {

struct player {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(player, (), (id, name))

struct team {
  std::int64_t id{};
  std::string name;
  many_to_many<player> players;
};
BOOST_DESCRIBE_STRUCT(team, (), (id, name, players))

struct spell {
  std::int64_t id{};
  std::int64_t of_team{};
  std::optional<std::int64_t> of_player;
  std::string role;
};
BOOST_DESCRIBE_STRUCT(spell, (), (id, of_team, of_player, role))

// Goes with the spell.
struct goal {
  std::int64_t id{};
  std::int64_t spell{};
};
BOOST_DESCRIBE_STRUCT(goal, (), (id, spell))

} // namespace dcrf::through_test

template <>
struct dcrf::model<dcrf::through_test::player> {
  static constexpr auto table = "test_player";
  using primary_key = dcrf::primary_key<&through_test::player::id>;
};

template <>
struct dcrf::model<dcrf::through_test::team> {
  using team = through_test::team;
  using spell = through_test::spell;
  static constexpr auto table = "test_team";
  using primary_key = dcrf::primary_key<&team::id>;
  using fields = dcrf::fields<
      relation<&team::players, related_name<"teams">, through<&spell::of_team, &spell::of_player>>>;
};

template <>
struct dcrf::model<dcrf::through_test::spell> {
  using spell = through_test::spell;
  static constexpr auto table = "test_spell";
  using primary_key = dcrf::primary_key<&spell::id>;
  using fields = dcrf::fields<
      foreign_key<&spell::of_team, through_test::team, on_delete::cascade, column_name<"team_id">>,
      foreign_key<&spell::of_player, through_test::player, on_delete::set_null>,
      text_field<&spell::role, blank>>;
};

template <>
struct dcrf::model<dcrf::through_test::goal> {
  static constexpr auto table = "test_goal";
  using primary_key = dcrf::primary_key<&through_test::goal::id>;
  using fields = dcrf::fields<
      foreign_key<&through_test::goal::spell, through_test::spell, on_delete::cascade>>;
};

namespace through_tests {

using namespace dcrf;
using namespace dcrf::through_test;
using dcrf::store_test::by_key;
using dcrf::store_test::create;
using dcrf::store_test::outcome;
using dcrf::store_test::run;

namespace {

using ids = std::vector<std::int64_t>;
using how = relate_command::how;

const auto& players = *model_of<team>().find_relation("players");

database populated() {
  database db{store_test::empty_options(), schema::of<player, team, spell, goal>()};
  db.migrate();
  for (const auto* name : {"ann", "bob", "cem"}) {
    create(db, player{.name = name});
  }
  create(db, team{.name = "reds"});
  create(db, team{.name = "blues"});
  return db;
}

outcome relate(database& db, bool reverse, std::int64_t key, how mode, const ids& keys,
               std::optional<record> link = {}) {
  return run(db, {relate_command{.relation = &players,
                                 .reverse = reverse,
                                 .key = key,
                                 .mode = mode,
                                 .keys = {keys.begin(), keys.end()},
                                 .link = std::move(link)}});
}

std::vector<spell> spells(database& db) {
  std::vector<spell> result;
  for (const auto& x : run(db, {list_command{.rows = {.model = &model_of<spell>()}}}).result.rows) {
    result.push_back(from_record<spell>(x.values));
  }
  return result;
}

ids players_of(database& db, std::int64_t key) {
  fetch all{.kind = fetch::side::targets,
            .model = &model_of<player>(),
            .relation = &players,
            .keys_only = true};
  auto done = run(db, {retrieve_command{.where = by_key<team>(key), .plan = {all}}});
  REQUIRE_FALSE(done.result.error);
  ids result;
  for (const auto& x : done.result.rows.front().related.front()) {
    result.push_back(std::get<std::int64_t>(x.values.front()));
  }
  return result;
}

std::string told(const std::vector<change>& changes) {
  std::string result;
  for (const auto& x : changes) {
    result += std::string{x.model->name} + ' ' + to_string(x.key());
    result += x.relation != nullptr ? (x.reverse ? " far" : " near") : "";
    result += !x.before ? " new" : !x.after ? " gone" : " saved";
    result += "; ";
  }
  return result;
}

ids teams_where(database& db, const condition_on<team>& where) {
  ids result;
  selection rows{.model = &model_of<team>(), .where = where.value};
  for (const auto& x : run(db, {list_command{.rows = rows}}).result.rows) {
    result.push_back(std::get<std::int64_t>(x.values.front()));
  }
  return result;
}

} // namespace

TEST_CASE("rows of a model are the links of a relation", "[relations]") {
  auto db = populated();
  create(db, spell{.of_team = 1, .of_player = 2, .role = "goal"});
  create(db, spell{.of_team = 1, .of_player = 1, .role = "wing"});
  create(db, spell{.of_team = 1, .of_player = 2, .role = "wing"});
  create(db, spell{.of_team = 2, .of_player = 3, .role = "goal"});
  // Who is related twice is shown once.
  CHECK(players_of(db, 1) == ids{1, 2});
  CHECK(players_of(db, 2) == ids{3});
  CHECK(teams_where(db, column<&team::players> == 2) == ids{1});
  CHECK(teams_where(db, column<&team::players, &player::name> == "cem") == ids{2});
  CHECK(teams_where(db, related_to<&team::players>(1)) == ids{1});
  // The columns of the links are those of rows that refer to the team.
  CHECK(teams_where(db, column<referring<&spell::of_team>, &spell::role> == "goal") == ids{1, 2});
  CHECK(teams_where(db, exists<referring<&spell::of_team>>(column<&spell::role> == "goal"
                                                           && column<&spell::of_player> == 3))
        == ids{2});
}

TEST_CASE("links are added and removed as rows of their model", "[relations]") {
  auto db = populated();
  auto link = to_record(spell{.role = "wing"});
  CHECK(told(relate(db, false, 1, how::add, {1, 2}, link).changes)
        == "spell 1 new; team 1 near saved; player 1 far saved; spell 2 new; player 2 far saved; ");
  REQUIRE(spells(db).size() == 2);
  CHECK(spells(db)[1].of_team == 1);
  CHECK(spells(db)[1].of_player == 2);
  CHECK(spells(db)[1].role == "wing");

  // Who is there stays, with the link as it is.
  relate(db, true, 2, how::add, {1, 2});
  REQUIRE(spells(db).size() == 3);
  CHECK(spells(db)[1].role == "wing");
  CHECK(spells(db)[2].of_team == 2);
  CHECK(spells(db)[2].role.empty());

  create(db, goal{.spell = 2});
  auto removed = relate(db, false, 1, how::remove, {2, 3});
  CHECK(
      told(removed.changes)
      == "goal 1 gone; spell 2 gone; team 1 near saved; player 2 far saved; player 3 far saved; ");
  CHECK(players_of(db, 1) == ids{1});

  relate(db, false, 1, how::set, {3});
  CHECK(players_of(db, 1) == ids{3});
  relate(db, false, 1, how::clear, {});
  CHECK(players_of(db, 1).empty());
  CHECK(players_of(db, 2) == ids{2});
}

TEST_CASE("what is done to a link is a change of the relation at both ends", "[relations]") {
  auto db = populated();
  auto made = run(db, {create_command{.model = &model_of<spell>(),
                                      .values = to_record(spell{.of_team = 1, .of_player = 1})}});
  CHECK(told(made.changes) == "spell 1 new; team 1 near saved; player 1 far saved; ");
  CHECK(made.changes[1].links[0].came == std::vector<dcrf::value>{std::int64_t{1}});

  auto renamed = run(db, {update_command{.where = by_key<spell>(std::int64_t{1}),
                                         .changes = {{3, std::string{"wing"}}}}});
  CHECK(told(renamed.changes) == "spell 1 saved; ");

  auto moved = run(db, {update_command{.where = by_key<spell>(std::int64_t{1}),
                                       .changes = {{1, std::int64_t{2}}}}});
  CHECK(told(moved.changes)
        == "spell 1 saved; team 1 near saved; player 1 far saved; team 2 near saved; ");
  CHECK(moved.changes[1].links[0].gone == std::vector<dcrf::value>{std::int64_t{1}});
  CHECK(moved.changes[3].links[0].came == std::vector<dcrf::value>{std::int64_t{1}});
  REQUIRE(moved.changes[2].links.size() == 1);
  CHECK(moved.changes[2].links[0].gone == std::vector<dcrf::value>{std::int64_t{1}});
  CHECK(moved.changes[2].links[0].came == std::vector<dcrf::value>{std::int64_t{2}});

  auto deleted = run(db, {delete_command{by_key<team>(std::int64_t{2})}});
  CHECK(told(deleted.changes) == "spell 1 gone; player 1 far saved; team 2 gone; ");
}

TEST_CASE("a link whose end is gone stays, if its reference may be null", "[relations]") {
  auto db = populated();
  create(db, spell{.of_team = 1, .of_player = 1, .role = "wing"});
  auto deleted = run(db, {delete_command{by_key<player>(std::int64_t{1})}});
  CHECK(told(deleted.changes) == "spell 1 saved; team 1 near saved; player 1 gone; ");
  CHECK(players_of(db, 1).empty());
  CHECK(spells(db).size() == 1);
}

TEST_CASE("links of a model have no table of their own", "[migration]") {
  auto db = populated();
  CHECK(players.table() == "test_spell");
  CHECK(db.migrate().empty());
  CHECK_THROWS_WITH((schema::of<player, team>()),
                    "dcrf: the schema lacks the model \"spell\", which \"team\" refers to");
}

} // namespace through_tests
