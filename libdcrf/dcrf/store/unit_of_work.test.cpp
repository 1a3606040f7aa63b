#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>

namespace unit_of_work_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

command retrieve(lookup where) { return {retrieve_command{.where = std::move(where)}}; }

template <auto Member>
std::size_t index_of() {
  return *model_of<class_of<Member>>().find_field(name_of<Member>());
}

json_text errors_of(const outcome& x) {
  REQUIRE(x.result.error);
  CHECK(x.result.error->code == store_errc::invalid);
  CHECK(x.changes.empty());
  return x.result.error->errors.to_json_text();
}

std::int64_t count(database& db, const model_descriptor& model) {
  return run(db, {count_command{.rows = {.model = &model}}}).result.count;
}

} // namespace

TEST_CASE("a row comes back as it was created", "[store]") {
  auto db = empty_database();
  sample x;
  x.flag = false;
  x.small = -2147483647 - 1;
  x.large = std::numeric_limits<std::int64_t>::min();
  x.ratio = 0.1 + 0.2;
  x.text = std::string{"a\0b'\"; DROP TABLE test_sample; -- <b> ü \U0001F600", 46};
  if (on_postgresql()) {
    std::erase(x.text, '\0');
  }
  x.price = {-12345, 2};
  x.day = *date::parse("0001-01-01");
  x.at = *timestamp::parse("9999-12-31T23:59:59.999999Z");
  x.tone = shade::dark;
  x.extra = json_text::parse(R"({"a":[1,"\u0000"]})");

  SECTION("without the optional fields") {}
  SECTION("with all of them") {
    x.maybe_flag = true;
    x.maybe_large = 9007199254740993;
    x.maybe_ratio = -1e300;
    x.maybe_text = "";
    x.maybe_price = decimal{1, 2};
    x.maybe_day = *date::parse("2024-02-29");
    x.maybe_at = *timestamp::parse("1969-12-31T23:59:59.999999Z");
    x.maybe_uid = uuid::random();
    x.maybe_extra = json_text{};
  }
  auto created = create(db, x);
  CHECK_FALSE(created.id.is_nil());
  x.id = created.id;
  CHECK(to_record(created) == to_record(x));
  auto found = run(db, retrieve(by_key<sample>(x.id)));
  REQUIRE_FALSE(found.result.error);
  CHECK(found.result.rows.front().values == to_record(x));
}

TEST_CASE("keys are counted, never used again, or taken as given", "[store]") {
  auto db = empty_database();
  CHECK(create(db, person{.username = "a"}).id == 1);
  CHECK(create(db, person{.id = 7, .username = "b"}).id == 7);
  CHECK(create(db, person{.username = "c"}).id == 8);
  run(db, {delete_command{by_key<person>(std::int64_t{8})}});
  CHECK(create(db, person{.username = "d"}).id == 9);
  CHECK(create(db, gadget{.name = "x"}).name == "x");

  auto twice = run(
      db, {create_command{.model = &model_of<gadget>(), .values = to_record(gadget{.name = "x"})}});
  CHECK(errors_of(twice).str() == R"({"name":["gadget with this name already exists."]})");
  auto with_nul = run(db, {create_command{.model = &model_of<gadget>(),
                                          .values = to_record(gadget{.name = {"x\0", 2}})}});
  CHECK(errors_of(with_nul).str() == R"({"name":["Null characters are not allowed."]})");
}

TEST_CASE("automatic times are set on creation and on saving", "[store]") {
  auto db = empty_database();
  auto host = create(db, person{.username = "a"}).id;
  auto room = create(db, place{.name = "r", .host = host}).id;
  auto before = timestamp::now();
  auto x = create(db, note{.place = room, .text = "t"});
  CHECK(x.created_at >= before);
  CHECK(x.saved_at == x.created_at);

  auto done = run(db, {update_command{.where = by_key<note>(x.id),
                                      .changes = {{index_of<&note::text>(), std::string{"u"}}}}});
  auto saved = from_record<note>(done.result.rows.front().values);
  CHECK(saved.created_at == x.created_at);
  CHECK(saved.saved_at > x.saved_at);
  CHECK(saved.text == "u");
}

TEST_CASE("what is not there is not found, whatever it is called", "[store]") {
  auto db = empty_database();
  create(db, person{.username = "a"});
  auto key = GENERATE(dcrf::value{std::int64_t{2}}, dcrf::value{std::string{"1"}}, dcrf::value{1.0},
                      dcrf::value{}, dcrf::value{uuid{}}, dcrf::value{true});
  for (const auto& x :
       {retrieve(by_key<person>(key)), command{delete_command{by_key<person>(key)}},
        command{update_command{.where = by_key<person>(key),
                               .errors = field_errors{json_text::parse(R"({"a":["b"]})")}}}}) {
    auto done = run(db, x);
    REQUIRE(done.result.error);
    CHECK(done.result.error->code == store_errc::not_found);
  }
  CHECK(count(db, model_of<person>()) == 1);
}

TEST_CASE("a row that is not there takes nothing from its transaction", "[store]") {
  auto db = empty_database();
  auto creation = [](const std::string& name) {
    return command{create_command{.model = &model_of<person>(),
                                  .values = to_record(person{.username = name})}};
  };
  auto missing = by_key<person>(std::int64_t{9});
  unit_of_work unit{db};
  CHECK_FALSE(unit.execute(creation("a")).error);
  for (const auto& x :
       {retrieve(missing), command{delete_command{missing}},
        command{update_command{.where = missing,
                               .changes = {{index_of<&person::nickname>(), std::string{"n"}}}}}}) {
    auto result = unit.execute(x);
    REQUIRE(result.error);
    CHECK(result.error->code == store_errc::not_found);
    CHECK(unit.take_changes().empty());
  }
  CHECK_FALSE(unit.execute(creation("b")).error);
  unit.commit();
  CHECK(count(db, model_of<person>()) == 2);
}

TEST_CASE("a lookup may be by another field and under a condition", "[store]") {
  auto db = empty_database();
  create(db, person{.username = "a", .nickname = "n"});
  lookup where{.model = &model_of<person>(),
               .key = std::string{"a"},
               .field = index_of<&person::username>()};
  CHECK_FALSE(run(db, retrieve(where)).result.error);
  where.where = (column<&person::nickname> == "n").value;
  CHECK_FALSE(run(db, retrieve(where)).result.error);
  where.where = (column<&person::nickname> != "n").value;
  CHECK(run(db, retrieve(where)).result.error->code == store_errc::not_found);
}

TEST_CASE("all errors of a row are reported together", "[store]") {
  auto db = empty_database();
  auto host = create(db, person{.username = "a"}).id;
  create(db, place{.name = "taken", .host = host});

  create_command x{.model = &model_of<place>(),
                   .values = to_record(place{.name = "taken", .host = 7, .deputy = 8}),
                   .related = {{.relation = model_of<place>().find_relation("members"),
                                .keys = {std::int64_t{1}, std::int64_t{9}, std::string{"x"}}}},
                   .errors = field_errors{
                       json_text::parse(R"({"deputy":["Odd."],"non_field_errors":["No."]})")}};
  auto done = run(db, {x});
  CHECK(errors_of(done).to_json() == json::parse(R"({
    "deputy": ["Odd."], "non_field_errors": ["No."],
    "members": ["Invalid pk \"9\" - object does not exist.",
                "Invalid pk \"x\" - object does not exist."],
    "name": ["place with this name already exists."],
    "host": ["Invalid pk \"7\" - object does not exist."]})"));
  CHECK(count(db, model_of<place>()) == 1);

  // Without errors from before, the database's own constraints are asked first.
  x.errors = {};
  x.related.clear();
  CHECK(errors_of(run(db, {x})).to_json() == json::parse(R"({
    "name": ["place with this name already exists."],
    "host": ["Invalid pk \"7\" - object does not exist."],
    "deputy": ["Invalid pk \"8\" - object does not exist."]})"));
  x.values[index_of<&place::name>()] = std::monostate{};
  CHECK(errors_of(run(db, {x})).to_json() == json::parse(R"({
    "name": ["This field may not be null."],
    "host": ["Invalid pk \"7\" - object does not exist."],
    "deputy": ["Invalid pk \"8\" - object does not exist."]})"));
  CHECK(count(db, model_of<place>()) == 1);
}

TEST_CASE("errors found before keep a row from being written", "[store]") {
  auto db = empty_database();
  auto done = run(db, {create_command{.model = &model_of<person>(),
                                      .values = to_record(person{.username = "a"}),
                                      .errors = field_errors{json_text::parse(R"({"x":["y"]})")}}});
  CHECK(errors_of(done).str() == R"({"x":["y"]})");
  CHECK(count(db, model_of<person>()) == 0);
}

TEST_CASE("an update leaves its own unique values alone", "[store]") {
  auto db = empty_database();
  auto a = create(db, person{.username = "a"}).id;
  create(db, person{.username = "b"});
  auto rename = [&](std::string to) {
    return run(db, {update_command{.where = by_key<person>(a),
                                   .changes = {{index_of<&person::username>(), to}}}});
  };
  CHECK_FALSE(rename("a").result.error);
  CHECK(errors_of(rename("b")).str()
        == R"({"username":["person with this username already exists."]})");
  CHECK(rename("B").changes.size() == 1);
}

TEST_CASE("a write tells what it changed", "[store]") {
  auto db = empty_database();
  auto made = run(db, {create_command{.model = &model_of<person>(),
                                      .values = to_record(person{.username = "a"})}});
  REQUIRE(made.changes.size() == 1);
  CHECK_FALSE(made.changes[0].before.has_value());
  CHECK((made.changes[0].after == to_record(person{.id = 1, .username = "a"})));

  auto saved = run(db, {update_command{.where = by_key<person>(std::int64_t{1})}});
  REQUIRE(saved.changes.size() == 1);
  CHECK((saved.changes[0].before == saved.changes[0].after));
  CHECK(saved.changes[0].version > made.changes[0].version);

  auto gone = run(db, {delete_command{by_key<person>(std::int64_t{1})}});
  REQUIRE(gone.changes.size() == 1);
  CHECK((gone.changes[0].before == saved.changes[0].after));
  CHECK_FALSE(gone.changes[0].after.has_value());
  CHECK(gone.changes[0].last() == *saved.changes[0].after);
  CHECK(gone.result.rows[0].values == gone.changes[0].last());
}

TEST_CASE("a value of a wrong type is refused, not converted", "[store]") {
  auto db = empty_database();
  auto values = to_record(person{.username = "a"});
  values[1] = 1.5;
  auto done = run(db, {create_command{.model = &model_of<person>(), .values = values}});
  REQUIRE(done.result.error);
  CHECK(done.result.error->code == store_errc::failed);
  CHECK(done.result.error->text == "test_person.username can't hold 1.5");
  values.pop_back();
  CHECK(run(db, {create_command{.model = &model_of<person>(), .values = values}}).result.error->code
        == store_errc::failed);
}

TEST_CASE("commands of one transaction stand or fall by themselves", "[store]") {
  auto db = empty_database();
  auto make = [](std::string name) {
    return command{create_command{.model = &model_of<person>(),
                                  .values = to_record(person{.username = std::move(name)})}};
  };
  {
    unit_of_work unit{db};
    CHECK_FALSE(unit.execute(make("a")).error);
    CHECK(unit.take_changes().size() == 1);
    CHECK(unit.execute(make("a")).error);
    CHECK(unit.take_changes().empty());
    CHECK_FALSE(unit.execute(make("b")).error);
    CHECK(unit.execute({count_command{.rows = {.model = &model_of<person>()}}}).count == 2);
    unit.commit();
  }
  CHECK(count(db, model_of<person>()) == 2);
  {
    unit_of_work unit{db};
    CHECK_FALSE(unit.execute(make("c")).error);
  }
  CHECK(count(db, model_of<person>()) == 2);
  unit_of_work reading{db, unit_of_work::access::read};
  CHECK(reading.execute(make("d")).error);
}

TEST_CASE("counting may stop at the first row", "[store]") {
  auto db = empty_database();
  count_command x{.rows = {.model = &model_of<person>()}, .exists_only = true};
  CHECK(run(db, {x}).result.count == 0);
  create(db, person{.username = "a"});
  create(db, person{.username = "b"});
  CHECK(run(db, {x}).result.count == 1);
}

} // namespace unit_of_work_tests
