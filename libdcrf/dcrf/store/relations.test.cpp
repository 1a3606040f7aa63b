#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <tuple>

namespace relations_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

using ids = std::vector<std::int64_t>;

const auto& members = *model_of<place>().find_relation("members");
const auto& friends = *model_of<store_test::node>().find_relation("friends");

std::vector<dcrf::value> values_of(const ids& keys) { return {keys.begin(), keys.end()}; }

outcome relate(database& db, const relation_descriptor& relation, bool reverse, std::int64_t key,
               relate_command::how mode, const ids& keys) {
  return run(db, {relate_command{.relation = &relation,
                                 .reverse = reverse,
                                 .key = key,
                                 .mode = mode,
                                 .keys = values_of(keys)}});
}

ids keys_of(const std::vector<row>& rows) {
  ids result;
  for (const auto& x : rows) {
    result.push_back(std::get<std::int64_t>(x.values.front()));
  }
  return result;
}

ids members_of(database& db, std::int64_t key) {
  fetch all{.kind = fetch::side::targets,
            .model = &model_of<person>(),
            .relation = &members,
            .keys_only = true};
  auto done = run(db, {retrieve_command{.where = by_key<place>(key), .plan = {all}}});
  REQUIRE_FALSE(done.result.error);
  return keys_of(done.result.rows.front().related.front());
}

// Three people, two places.
database populated() {
  auto db = empty_database();
  for (const auto* name : {"a", "b", "c"}) {
    create(db, person{.username = name});
  }
  create(db, place{.name = "x", .host = 1, .deputy = 2});
  create(db, place{.name = "y", .host = 2});
  return db;
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

} // namespace

TEST_CASE("relations change from the near side", "[relations]") {
  using how = relate_command::how;
  auto db = populated();
  CHECK(told(relate(db, members, false, 1, how::add, {1, 2, 2}).changes)
        == "place 1 near saved; person 1 far saved; person 2 far saved; ");
  CHECK(members_of(db, 1) == ids{1, 2});
  CHECK(told(relate(db, members, false, 1, how::add, {1}).changes)
        == "place 1 near saved; person 1 far saved; ");
  CHECK(told(relate(db, members, false, 1, how::remove, {1, 3}).changes)
        == "place 1 near saved; person 1 far saved; person 3 far saved; ");
  CHECK(members_of(db, 1) == ids{2});
  CHECK(told(relate(db, members, false, 1, how::set, {2, 3}).changes)
        == "place 1 near saved; person 3 far saved; ");
  CHECK(members_of(db, 1) == ids{2, 3});
  CHECK(told(relate(db, members, false, 1, how::clear, {}).changes)
        == "place 1 near saved; person 2 far saved; person 3 far saved; ");
  CHECK(members_of(db, 1).empty());
  CHECK(told(relate(db, members, false, 1, how::clear, {}).changes) == "place 1 near saved; ");
}

TEST_CASE("relations change from the far side", "[relations]") {
  using how = relate_command::how;
  auto db = populated();
  auto done = relate(db, members, true, 3, how::add, {1, 2});
  CHECK(told(done.changes) == "person 3 far saved; place 1 near saved; place 2 near saved; ");
  CHECK((done.changes[1].before == done.changes[1].after));
  CHECK(members_of(db, 2) == ids{3});
  CHECK(told(relate(db, members, true, 3, how::set, {1}).changes)
        == "person 3 far saved; place 2 near saved; ");
  CHECK(members_of(db, 1) == ids{3});
  CHECK(members_of(db, 2).empty());
}

TEST_CASE("a relation within a model tells the sides apart", "[relations]") {
  auto db = empty_database();
  create(db, store_test::node{.label = "a"});
  create(db, store_test::node{.label = "b"});
  CHECK(told(relate(db, friends, false, 1, relate_command::how::add, {2}).changes)
        == "node 1 near saved; node 2 far saved; ");
  CHECK(told(relate(db, friends, false, 1, relate_command::how::add, {1}).changes)
        == "node 1 near saved; node 1 far saved; ");
}

TEST_CASE("relating to what is not there changes nothing", "[relations]") {
  using how = relate_command::how;
  auto db = populated();
  CHECK(relate(db, members, false, 9, how::add, {1}).result.error->code == store_errc::not_found);
  auto done = relate(db, members, false, 1, how::add, {1, 9});
  REQUIRE(done.result.error);
  CHECK(done.result.error->errors.to_json_text().str()
        == R"({"members":["Invalid pk \"9\" - object does not exist."]})");
  CHECK(relate(db, members, true, 1, how::set, {9}).result.error->errors.to_json_text().str()
        == R"({"places":["Invalid pk \"9\" - object does not exist."]})");
  CHECK(members_of(db, 1).empty());
  CHECK_FALSE(relate(db, members, false, 1, how::remove, {9}).result.error);
}

TEST_CASE("related rows are written with their row", "[relations]") {
  auto db = populated();
  auto made =
      run(db, {create_command{.model = &model_of<place>(),
                              .values = to_record(place{.name = "z", .host = 1}),
                              .related = {{.relation = &members, .keys = values_of({1, 3})}},
                              .plan = {{.kind = fetch::side::targets,
                                        .model = &model_of<person>(),
                                        .relation = &members}}}});
  CHECK(told(made.changes) == "place 3 new; person 1 far saved; person 3 far saved; ");
  CHECK(keys_of(made.result.rows.front().related.front()) == ids{1, 3});

  auto saved =
      run(db, {update_command{.where = by_key<place>(std::int64_t{3}),
                              .related = {{.relation = &members, .keys = values_of({3, 2})}}}});
  CHECK(told(saved.changes) == "place 3 saved; person 1 far saved; person 2 far saved; ");
  CHECK(members_of(db, 3) == ids{2, 3});
}

TEST_CASE("deleting goes along the references, row by row", "[relations]") {
  auto db = populated();
  create(db, note{.place = 1, .text = "n1"});
  create(db, note{.place = 1, .text = "n2"});
  create(db, note{.place = 2, .text = "n3"});
  relate(db, members, false, 2, relate_command::how::add, {1});

  auto done = run(db, {delete_command{by_key<person>(std::int64_t{1})}});
  CHECK(told(done.changes)
        == "place 2 near saved; note 2 gone; note 1 gone; place 1 gone; person 1 gone; ");
  CHECK(members_of(db, 2).empty());

  run(db,
      {update_command{.where = by_key<place>(std::int64_t{2}), .changes = {{3, std::int64_t{3}}}}});
  auto emptied = run(db, {delete_command{by_key<person>(std::int64_t{3})}});
  CHECK(told(emptied.changes) == "place 2 saved; person 3 gone; ");
  CHECK((*emptied.changes[0].before)[3] == dcrf::value{std::int64_t{3}});
  CHECK(is_null((*emptied.changes[0].after)[3]));
}

TEST_CASE("what a deletion does to links is told to the rows at their far ends", "[relations]") {
  using how = relate_command::how;
  auto db = populated();
  relate(db, members, false, 1, how::add, {1, 2, 3});
  relate(db, members, false, 2, how::add, {3});

  auto near = run(db, {delete_command{by_key<place>(std::int64_t{1})}});
  CHECK(told(near.changes)
        == "person 1 far saved; person 2 far saved; person 3 far saved; place 1 gone; ");
  REQUIRE(near.changes[0].links.size() == 1);
  CHECK(near.changes[0].links[0].gone == values_of({1}));
  REQUIRE(near.changes[3].links.size() == 1);
  CHECK(near.changes[3].links[0].gone == values_of({1, 2, 3}));

  auto far = run(db, {delete_command{by_key<person>(std::int64_t{3})}});
  CHECK(told(far.changes) == "place 2 near saved; person 3 gone; ");
  CHECK(far.changes[0].links[0].gone == values_of({3}));
  CHECK(far.changes[0].links[0].came.empty());
}

TEST_CASE("what became of a row's links is said with its change", "[relations]") {
  using how = relate_command::how;
  auto db = populated();
  relate(db, members, false, 1, how::add, {1, 2});
  auto done = relate(db, members, false, 1, how::set, {2, 3});
  REQUIRE(done.changes.front().links.size() == 1);
  CHECK(done.changes.front().links[0].came == values_of({3}));
  CHECK(done.changes.front().links[0].gone == values_of({1}));
  // What is named and stays as it is neither came nor went.
  auto again = relate(db, members, false, 1, how::add, {3});
  CHECK(again.changes.front().links[0].came.empty());
  auto nothing = relate(db, members, false, 1, how::remove, {1});
  CHECK(nothing.changes.front().links[0].gone.empty());
}

TEST_CASE("a row that others must not lose can't be deleted", "[relations]") {
  auto db = populated();
  create(db, note{.place = 1, .text = "n"});
  create(db, pin{.note = 1});
  auto done = run(db, {delete_command{by_key<person>(std::int64_t{1})}});
  REQUIRE(done.result.error);
  CHECK(done.result.error->code == store_errc::restricted);
  CHECK(done.result.error->text == "the person can't be deleted: the pin 1 refers to it");
  CHECK(done.changes.empty());
  run(db, {delete_command{by_key<pin>(std::int64_t{1})}});
  CHECK_FALSE(run(db, {delete_command{by_key<person>(std::int64_t{1})}}).result.error);
}

TEST_CASE("rows that refer to each other, and long chains, are deleted", "[relations]") {
  auto db = empty_database();
  auto is_ring = GENERATE(true, false);
  // SQLite's own cascades, which a ring sets off, go 1000 rows deep.
  const std::int64_t count = is_ring ? 900 : 5000;
  std::vector<record> rows;
  for (std::int64_t i = 1; i <= count; ++i) {
    auto parent = i == 1 ? std::nullopt : std::optional{i - 1};
    rows.push_back(to_record(store_test::node{.parent = parent}));
  }
  run(db, {bulk_create_command{.model = &model_of<store_test::node>(), .rows = rows}});
  if (is_ring) {
    run(db, {update_command{.where = by_key<store_test::node>(std::int64_t{1}),
                            .changes = {{1, count}}}});
  }
  auto done = run(db, {delete_command{by_key<store_test::node>(std::int64_t{1})}});
  CHECK(done.changes.size() == static_cast<std::size_t>(count));
  CHECK(run(db, {count_command{.rows = {.model = &model_of<store_test::node>()}}}).result.count
        == 0);
}

TEST_CASE("what belongs to rows is loaded with them", "[fetch]") {
  auto db = populated();
  for (std::int64_t i = 0; i < 7; ++i) {
    create(db, note{.place = i % 2 + 1, .text = std::to_string(i)});
  }
  relate(db, members, false, 1, relate_command::how::set, {3, 1});
  relate(db, members, false, 2, relate_command::how::set, {3});

  fetch hosts{.kind = fetch::side::foreign_key, .model = &model_of<person>(), .field = 2};
  fetch deputies{.kind = fetch::side::foreign_key, .model = &model_of<person>(), .field = 3};
  fetch notes{.kind = fetch::side::referrers,
              .model = &model_of<note>(),
              .field = 1,
              .order_by = {{{0}, true}},
              .limit = 2};
  fetch all_notes = notes;
  all_notes.limit.reset();
  all_notes.order_by.clear();
  all_notes.keys_only = true;
  fetch people{.kind = fetch::side::targets,
               .model = &model_of<person>(),
               .relation = &members,
               .nested = {{.kind = fetch::side::sources,
                           .model = &model_of<place>(),
                           .relation = &members,
                           .nested = {hosts}}}};
  auto done = run(db, {list_command{.rows = {.model = &model_of<place>()},
                                    .plan = {hosts, deputies, notes, all_notes, people}}});
  REQUIRE_FALSE(done.result.error);
  const auto& [x, y] = std::tie(done.result.rows[0], done.result.rows[1]);
  CHECK(keys_of(x.related[0]) == ids{1});
  CHECK(keys_of(y.related[0]) == ids{2});
  CHECK(keys_of(x.related[1]) == ids{2});
  CHECK(y.related[1].empty());
  CHECK(keys_of(x.related[2]) == ids{7, 5});
  CHECK(keys_of(y.related[2]) == ids{6, 4});
  CHECK(keys_of(x.related[3]) == ids{1, 3, 5, 7});
  CHECK(x.related[3][0].values.size() == 1);
  REQUIRE(keys_of(x.related[4]) == ids{1, 3});
  const auto& places_of_3 = x.related[4][1].related[0];
  REQUIRE(keys_of(places_of_3) == ids{1, 2});
  CHECK(keys_of(places_of_3[1].related[0]) == ids{2});

  // A single row takes the limit as that of its query.
  auto one = run(db, {retrieve_command{.where = by_key<place>(std::int64_t{1}), .plan = {notes}}});
  CHECK(keys_of(one.result.rows[0].related[0]) == ids{7, 5});
  auto none = run(db, {list_command{.rows = {.model = &model_of<place>(), .limit = 0},
                                    .plan = {hosts, people}}});
  CHECK(none.result.rows.empty());

  fetch wrong{.kind = fetch::side::foreign_key, .model = &model_of<note>(), .field = 2};
  CHECK(run(db, {list_command{.rows = {.model = &model_of<place>()}, .plan = {wrong}}})
            .result.error->code
        == store_errc::failed);
}

TEST_CASE("many rows are written at once, without events", "[bulk]") {
  auto db = populated();
  std::vector<record> rows(3, to_record(note{.place = 1, .text = "n"}));
  auto made = run(db, {bulk_create_command{.model = &model_of<note>(), .rows = rows}});
  CHECK(made.result.count == 3);
  CHECK(made.changes.empty());

  selection of_host{.model = &model_of<note>(),
                    .where = (column<&note::place, &place::host> == 1).value};
  auto saved = run(db, {bulk_update_command{.rows = of_host, .changes = {{2, std::string{"m"}}}}});
  CHECK(saved.result.count == 3);
  CHECK(saved.changes.empty());
  auto gone = run(db, {bulk_delete_command{.rows = of_host}});
  CHECK(gone.result.count == 3);
  CHECK(create(db, note{.place = 1}).id == 4);
  run(db, {bulk_delete_command{.rows = {.model = &model_of<note>()}, .restart_keys = true}});
  CHECK(create(db, note{.place = 1}).id == 1);
}

TEST_CASE("a bulk write with errors writes nothing", "[bulk]") {
  auto db = populated();
  auto people = [&] {
    return run(db, {count_command{.rows = {.model = &model_of<person>()}}}).result.count;
  };
  auto twice = run(db, {bulk_create_command{.model = &model_of<person>(),
                                            .rows = {to_record(person{.username = "new"}),
                                                     to_record(person{.username = "a"})}}});
  CHECK(twice.result.error->errors.to_json_text().str()
        == R"({"username":["person with this username already exists."]})");
  CHECK(people() == 3);
  auto dangling = run(
      db, {bulk_create_command{.model = &model_of<note>(), .rows = {to_record(note{.place = 9})}}});
  CHECK(dangling.result.error->errors.to_json_text().str()
        == R"({"place":["Invalid pk \"9\" - object does not exist."]})");
  auto same = run(db, {bulk_update_command{.rows = {.model = &model_of<person>()},
                                           .changes = {{1, std::string{"same"}}}}});
  CHECK(same.result.error->errors.to_json_text().str()
        == R"({"username":["person with this username already exists."]})");
  auto nowhere = run(db, {bulk_update_command{.rows = {.model = &model_of<place>()},
                                              .changes = {{2, std::int64_t{9}}}}});
  CHECK(nowhere.result.error);
  auto empty = run(db, {bulk_update_command{.rows = {.model = &model_of<place>()},
                                            .changes = {{2, std::monostate{}}}}});
  CHECK(empty.result.error->errors.to_json_text().str()
        == R"({"host":["This field may not be null."]})");
}

} // namespace relations_tests
