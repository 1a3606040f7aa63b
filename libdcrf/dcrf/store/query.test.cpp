#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <random>

namespace query_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

const auto& samples = model_of<sample>();

std::vector<record> rows_of(database& db, selection x) {
  auto done = run(db, {list_command{.rows = std::move(x)}});
  if (done.result.error) {
    throw store_failure(*done.result.error);
  }
  std::vector<record> result;
  for (auto& row : done.result.rows) {
    result.push_back(std::move(row.values));
  }
  return result;
}

template <model_type T>
std::vector<std::string> texts_of(database& db, query<T> x, std::size_t field) {
  std::vector<std::string> result;
  for (const auto& row : rows_of(db, std::move(x).get())) {
    result.push_back(std::get<std::string>(row[field]));
  }
  std::ranges::sort(result);
  return result;
}

std::vector<std::string> texts_where(database& db, condition_on<sample> x) {
  return texts_of(db, query<sample>{}.filter(std::move(x)), 5);
}

using texts = std::vector<std::string>;

void create_texts(database& db, const texts& all) {
  for (const auto& text : all) {
    sample x;
    x.text = text;
    create(db, x);
  }
}

} // namespace

TEST_CASE("conditions are put together without nesting", "[query]") {
  auto a = column<&sample::large> == 1;
  CHECK((condition_on<sample>{} && a).value.kind == condition::node::compare);
  CHECK((a && a && a).value.children.size() == 3);
  CHECK((a || a || a).value.children.size() == 3);
  CHECK((a || condition_on<sample>{}).value.is_always());
  CHECK((!!a).value.kind == condition::node::compare);
  CHECK((!a).value.kind == condition::node::negation);
}

TEST_CASE("texts are searched as they are", "[query]") {
  auto db = empty_database();
  create_texts(db, {"100%", "100x", "a_b", "aXb", "Ärger", "ärger", "it's \"so\"",
                    "'; DROP TABLE test_sample; --", "back\\slash", "*", "[a]"});
  constexpr auto text = column<&sample::text>;
  CHECK(texts_where(db, text.contains("0%")) == texts{"100%"});
  CHECK(texts_where(db, text.contains("a_")) == texts{"a_b"});
  CHECK(texts_where(db, text.contains("AX")).empty());
  CHECK(texts_where(db, text.icontains("AX")) == texts{"aXb"});
  CHECK(texts_where(db, text.icontains("A_B")) == texts{"a_b"});
  CHECK(texts_where(db, text.icontains("ÄRG")) == texts{"Ärger", "ärger"});
  CHECK(texts_where(db, text.startswith("100")) == texts{"100%", "100x"});
  CHECK(texts_where(db, text.startswith("00")).empty());
  CHECK(texts_where(db, text.startswith("*")) == texts{"*"});
  CHECK(texts_where(db, text.contains("tail")).empty());
  CHECK(texts_where(db, text == "'; DROP TABLE test_sample; --").size() == 1);
  CHECK(texts_where(db, text == "it's \"so\"").size() == 1);
  CHECK(texts_where(db, text.contains("")).size() == 11);
}

TEST_CASE("case is ignored by the rules of Unicode", "[query]") {
  auto db = empty_database();
  create_texts(db, {"Straße", "STRASSE", "ΟΔΟΣ", "οδος", "Ёлка", "ёлка", "Ａb", "x"});
  constexpr auto text = column<&sample::text>;
  CHECK(texts_where(db, text.iexact("straSSe")) == texts{"STRASSE", "Straße"});
  CHECK(texts_where(db, text.icontains("ΔΟΣ")) == texts{"ΟΔΟΣ", "οδος"});
  CHECK(texts_where(db, text.icontains("σ")) == texts{"ΟΔΟΣ", "οδος"});
  CHECK(texts_where(db, text.istartswith("ё")) == texts{"Ёлка", "ёлка"});
  CHECK(texts_where(db, text.iendswith("ЛКА")) == texts{"Ёлка", "ёлка"});
  CHECK(texts_where(db, text.iexact("ａB")) == texts{"Ａb"});
  CHECK(texts_where(db, !text.icontains("s")).size() == 6);
}

TEST_CASE("texts are compared at their ends, and values within a range", "[query]") {
  auto db = empty_database();
  create_texts(db, {"ab", "b", "abc", "B", "äb", "%b"});
  constexpr auto text = column<&sample::text>;
  CHECK(texts_where(db, text.endswith("b")) == texts{"%b", "ab", "b", "äb"});
  CHECK(texts_where(db, text.endswith("%b")) == texts{"%b"});
  CHECK(texts_where(db, text.endswith("xxab")).empty());
  CHECK(texts_where(db, text.endswith("")).size() == 6);
  CHECK(texts_where(db, text.iexact("b")) == texts{"B", "b"});
  CHECK(texts_where(db, text.between("ab", "b")) == texts{"ab", "abc", "b"});
  CHECK(texts_where(db, column<&sample::maybe_text>.endswith("b")).empty());
  CHECK(texts_where(db, !column<&sample::maybe_text>.iexact("b")).size() == 6);
}

TEST_CASE("a NUL is a character like any other", "[query][sqlite]") {
  auto db = empty_database();
  const std::string with_nul{"nul\0Tail", 8};
  create_texts(db, {with_nul, "*"});
  constexpr auto text = column<&sample::text>;
  CHECK(texts_where(db, text.contains("tail")).empty());
  CHECK(texts_where(db, text.contains("Tail")) == texts{with_nul});
  CHECK(texts_where(db, text.icontains({"L\0t", 3})) == texts{with_nul});
  CHECK(texts_where(db, text.endswith({"\0Tail", 5})) == texts{with_nul});
  CHECK(texts_where(db, text.iexact({"NUL\0TAIL", 8})) == texts{with_nul});
  CHECK(texts_where(db, text == with_nul) == texts{with_nul});
  CHECK(texts_where(db, text == "nul").empty());
  CHECK(texts_where(db, text.in({with_nul, "*", "%"})) == texts{"*", with_nul});
}

TEST_CASE("a list of any length finds its rows, an empty one none", "[query]") {
  auto db = empty_database();
  std::vector<record> rows;
  for (int i = 0; i < 500; ++i) {
    rows.push_back(to_record(node{.label = std::to_string(i)}));
  }
  run(db, {bulk_create_command{.model = &model_of<node>(), .rows = rows}});

  std::vector<std::int64_t> keys;
  std::vector<std::string> labels;
  for (int i = 0; i < 100'000; ++i) {
    keys.push_back(i * 2);
    labels.push_back(std::to_string(i * 2));
  }
  CHECK(rows_of(db, query<node>{}.filter(column<&node::id>.in(keys)).get()).size() == 250);
  CHECK(rows_of(db, query<node>{}.filter(column<&node::label>.in(labels)).get()).size() == 250);
  CHECK(rows_of(db, query<node>{}.filter(!column<&node::id>.in(keys)).get()).size() == 250);
  CHECK(rows_of(db, query<node>{}.filter(column<&node::id>.in({})).get()).empty());
  CHECK(rows_of(db, query<node>{}.exclude(column<&node::id>.in({})).get()).size() == 500);
}

TEST_CASE("a list of reals is bounded", "[query][sqlite]") {
  auto db = empty_database();
  std::vector<double> reals(100'000, 0.5);
  CHECK_THROWS_AS(rows_of(db, query<sample>{}.filter(column<&sample::ratio>.in(reals)).get()),
                  store_failure);
}

TEST_CASE("thousands of conditions are one query", "[query]") {
  auto db = empty_database();
  create_texts(db, {"17", "x"});
  condition_on<sample> any = column<&sample::text> == "-1";
  for (int i = 0; i < 5000; ++i) {
    any = any || column<&sample::text> == std::to_string(i);
  }
  CHECK(texts_where(db, any) == texts{"17"});
}

TEST_CASE("nulls compare as in Django", "[query]") {
  auto db = empty_database();
  create(db, person{.username = "a", .nickname = "x"});
  create(db, person{.username = "b", .nickname = "y"});
  create(db, person{.username = "c"});
  constexpr auto nick = column<&person::nickname>;
  auto names = [&](condition_on<person> x) {
    return texts_of(db, query<person>{}.filter(std::move(x)), 1);
  };
  CHECK(names(nick == "x") == texts{"a"});
  CHECK(names(!(nick == "x")) == texts{"b", "c"});
  CHECK(names(nick != "x") == texts{"b", "c"});
  CHECK(names(!(nick != "x")) == texts{"a"});
  CHECK(names(!nick.in({"x"})) == texts{"b", "c"});
  CHECK(names(!nick.contains("x")) == texts{"b", "c"});
  CHECK(names(!(nick < "y")) == texts{"b", "c"});
  CHECK(names(nick.is_null()) == texts{"c"});
  CHECK(names(nick.is_null(false)) == texts{"a", "b"});
  CHECK(names(!(nick == "x" || nick == "y")) == texts{"c"});
  CHECK(names({column_of<&person::nickname>::compare(comparison::eq, {std::monostate{}}).value})
        == texts{"c"});
  CHECK(names({column_of<&person::nickname>::compare(comparison::ne, {std::monostate{}}).value})
        == texts{"a", "b"});
}

TEST_CASE("conditions and orderings follow foreign keys", "[query]") {
  auto db = empty_database();
  auto ann = create(db, person{.username = "ann"}).id;
  auto bob = create(db, person{.username = "bob"}).id;
  create(db, place{.name = "a", .host = bob, .deputy = ann});
  create(db, place{.name = "b", .host = ann});
  create(db, note{.place = 1, .text = "in a"});
  create(db, note{.place = 2, .text = "in b"});

  auto notes_of = [&](condition_on<note> x) {
    return texts_of(db, query<note>{}.filter(std::move(x)), 2);
  };
  constexpr auto host_name = column<&note::place, &place::host, &person::username>;
  constexpr auto deputy_name = column<&note::place, &place::deputy, &person::username>;
  CHECK(notes_of(host_name == "ann") == texts{"in b"});
  CHECK(notes_of(host_name.contains("n") && column<&note::place, &place::name> == "b")
        == texts{"in b"});
  CHECK(notes_of(deputy_name == "ann") == texts{"in a"});
  CHECK(notes_of(deputy_name != "ann") == texts{"in b"});
  CHECK(notes_of(!(deputy_name == "ann")) == texts{"in b"});
  CHECK(notes_of(deputy_name.is_null()) == texts{"in b"});
  CHECK((notes_of(column<&note::place, &place::host, &person::id> == ann) == texts{"in b"}));

  auto ordered =
      rows_of(db, query<note>{}.order_by<&note::place, &place::host, &person::username>().get());
  CHECK(ordered[0][2] == value{std::string{"in b"}});
}

TEST_CASE("rows come in order, by primary key where they are alike", "[query]") {
  auto db = empty_database();
  for (const auto* label : {"b", "a", "b", "a"}) {
    create(db, node{.label = label});
  }
  auto keys = [&](query<node> x) {
    std::vector<std::int64_t> result;
    for (const auto& row : rows_of(db, std::move(x).get())) {
      result.push_back(std::get<std::int64_t>(row[0]));
    }
    return result;
  };
  using ids = std::vector<std::int64_t>;
  CHECK(keys({}) == ids{1, 2, 3, 4});
  CHECK(keys(query<node>{}.order_by<&node::label>()) == ids{2, 4, 1, 3});
  CHECK(keys(query<node>{}.order_by_descending<&node::label>()) == ids{1, 3, 2, 4});
  CHECK(keys(query<node>{}.order_by_descending<&node::id>()) == ids{4, 3, 2, 1});
  CHECK(keys(query<node>{}.slice(1, 2)) == ids{2, 3});
  CHECK(keys(query<node>{}.slice(3, 9)) == ids{4});
  CHECK(keys(query<node>{}.slice(0, 0)).empty());

  selection tail{.model = &model_of<node>(), .offset = 3};
  CHECK(rows_of(db, tail).size() == 1);
  list_command counted{.rows = {.model = &model_of<node>(), .limit = 1}, .with_count = true};
  auto done = run(db, {counted});
  CHECK(done.result.rows.size() == 1);
  CHECK(done.result.count == 4);
}

TEST_CASE("rows are found over many-to-many relations, from both sides", "[query]") {
  auto db = empty_database();
  for (const auto* label : {"a", "b", "c"}) {
    create(db, node{.label = label});
  }
  run(db, {relate_command{.relation = model_of<node>().find_relation("friends"),
                          .key = std::int64_t{1},
                          .keys = {std::int64_t{2}, std::int64_t{3}}}});
  auto labels = [&](condition_on<node> x) {
    return texts_of(db, query<node>{}.filter(std::move(x)), 2);
  };
  CHECK(labels(related_to<&node::friends>(2)) == texts{"a"});
  CHECK(labels(related_to<&node::friends>(1)).empty());
  CHECK(labels(related_from<&node::friends>(1)) == texts{"b", "c"});
  CHECK(labels(!related_from<&node::friends>(1)) == texts{"a"});
  CHECK(labels(related_to<&node::friends>("2")).empty());
}

namespace {

// The places x (members a and b) and y (c) of a, and z (no members) of b.
struct populated {
  populated() {
    for (const auto* name : {"a", "b", "c", "d"}) {
      create(db, person{.username = name});
    }
    create(db, place{.name = "x", .host = 1, .deputy = 3});
    create(db, place{.name = "y", .host = 1});
    create(db, place{.name = "z", .host = 2});
    auto relate = [this](std::int64_t place, std::vector<value> keys) {
      run(db, {relate_command{.relation = model_of<store_test::place>().find_relation("members"),
                              .key = place,
                              .keys = std::move(keys)}});
    };
    relate(1, {std::int64_t{1}, std::int64_t{2}});
    relate(2, {std::int64_t{3}});
    for (const auto* text : {"one", "two"}) {
      create(db, note{.place = 1, .text = text});
    }
    create(db, note{.place = 2, .text = "Two"});
  }

  texts places(condition_on<place> x) {
    return texts_of(db, query<place>{}.filter(std::move(x)), 1);
  }
  texts people(condition_on<person> x) {
    return texts_of(db, query<person>{}.filter(std::move(x)), 1);
  }
  texts notes(condition_on<note> x) { return texts_of(db, query<note>{}.filter(std::move(x)), 2); }

  database db = empty_database();
};

} // namespace

TEST_CASE_METHOD(populated, "rows are found by the rows that they are related to", "[query]") {
  constexpr auto member = column<&place::members>;
  CHECK(places(member == 2) == texts{"x"});
  CHECK(places(member != 2) == texts{"y", "z"});
  CHECK(places(member.in({2, 3, 9})) == texts{"x", "y"});
  CHECK(places(member.is_null()) == texts{"z"});
  CHECK(places(member.is_null(false)) == texts{"x", "y"});
  CHECK(places(column<&place::members, &person::username> == "b") == texts{"x"});
  CHECK(places(column<&place::members, &person::username>.in({"a", "b"})) == texts{"x"});
  CHECK(places(column<&place::members, &person::username> != "b") == texts{"y", "z"});
  CHECK(places(column<&place::members, &person::nickname>.is_null()).size() == 3);
  CHECK(places(member == 1 && member == 2) == texts{"x"});
  CHECK(places(member == 1 && member == 3).empty());
  CHECK(people(column<relating<&place::members>, &place::name> == "y") == texts{"c"});
  CHECK(people(column<relating<&place::members>>.is_null()) == texts{"d"});
}

TEST_CASE_METHOD(populated, "rows are found by the rows that refer to them", "[query]") {
  CHECK(people(column<referring<&place::host>, &place::name> == "y") == texts{"a"});
  CHECK(people(column<referring<&place::host>>.is_null()) == texts{"c", "d"});
  CHECK(people(column<referring<&place::deputy>> == 1) == texts{"c"});
  CHECK(places(column<referring<&note::place>, &note::text>.iexact("two")) == texts{"x", "y"});
  CHECK(places(column<referring<&note::place>, &note::text>.between("a", "oz")) == texts{"x"});
}

TEST_CASE_METHOD(populated, "steps to many rows follow each other", "[query]") {
  // Notes of places with a member, places of hosts with such notes.
  CHECK(notes(column<&note::place, &place::members, &person::username> == "c") == texts{"Two"});
  CHECK(notes(column<&note::place, &place::host, &person::username> == "a").size() == 3);
  CHECK(notes(column<&note::place, &place::deputy, relating<&place::members>, &place::name> == "y")
        == texts{"one", "two"});
  CHECK(people(column<referring<&place::host>, referring<&note::place>, &note::text> == "Two")
        == texts{"a"});
  CHECK(people(column<relating<&place::members>, &place::host, &person::username> == "a")
        == texts{"a", "b", "c"});
}

TEST_CASE_METHOD(populated, "one of the rows may have to meet several conditions", "[query]") {
  constexpr auto text = column<&note::text>;
  CHECK(places(exists<referring<&note::place>>(text == "one" || text == "x")) == texts{"x"});
  CHECK(places(exists<referring<&note::place>>(text == "one" && text == "two")).empty());
  CHECK(places(exists<referring<&note::place>>(text == "one")
               && exists<referring<&note::place>>(text == "two"))
        == texts{"x"});
  CHECK(places(!exists<&place::members>({})) == texts{"z"});
  CHECK(people(exists<relating<&place::members>>(
            exists<referring<&note::place>>(text.startswith("T"))))
        == texts{"c"});
  auto with_first = query<place>{}.filter(column<&place::members> == 1);
  CHECK(run(db, {count_command{.rows = with_first.get()}}).result.count == 1);
}

TEST_CASE("a decimal between two of the field is compared as a number", "[query]") {
  auto db = empty_database();
  for (auto cents : {-151, -150, 150, 151}) {
    sample x;
    x.price = {cents, 2};
    x.text = std::to_string(cents);
    create(db, x);
  }
  auto where = [&](comparison op, decimal x) {
    return texts_where(db, column_of<&sample::price>::compare(op, {x}));
  };
  CHECK(where(comparison::lt, {1505, 3}) == texts{"-150", "-151", "150"});
  CHECK(where(comparison::le, {1505, 3}) == texts{"-150", "-151", "150"});
  CHECK(where(comparison::ge, {1505, 3}) == texts{"151"});
  CHECK(where(comparison::gt, {-1505, 3}) == texts{"-150", "150", "151"});
  CHECK(where(comparison::eq, {1505, 3}).empty());
  CHECK(where(comparison::ne, {1505, 3}).size() == 4);
  CHECK(where(comparison::eq, {15, 1}) == texts{"150"});
  CHECK(where(comparison::lt, {999'999'999'999'999'999, 0}).size() == 4);
  CHECK(where(comparison::gt, {-999'999'999'999'999'999, 0}).size() == 4);
}

TEST_CASE("a query that makes no sense is an error, not a crash", "[query]") {
  auto db = empty_database();
  condition x;
  x.kind = condition::node::compare;
  x.operands = {std::int64_t{1}};
  for (const auto& path : {column_path{}, column_path{99}, column_path{0, 0}, column_path{1, 99}}) {
    x.path = path;
    auto done = run(db, {list_command{.rows = {.model = &model_of<node>(), .where = x}}});
    REQUIRE(done.result.error);
    CHECK(done.result.error->code == store_errc::failed);
  }
  x.path = {0};
  x.operands.clear();
  CHECK(run(db, {list_command{.rows = {.model = &model_of<node>(), .where = x}}}).result.error);
  x.kind = condition::node::any_of_rows;
  CHECK(run(db, {list_command{.rows = {.model = &model_of<node>(), .where = x}}}).result.error);
  x.children.emplace_back();
  CHECK(run(db, {list_command{.rows = {.model = &model_of<node>(), .where = x}}}).result.error);
  x.relation = model_of<place>().find_relation("members");
  x.path.clear();
  CHECK(run(db, {list_command{.rows = {.model = &model_of<node>(), .where = x}}}).result.error);
  x.relation = nullptr;
  x.referrer = &model_of<note>();
  for (std::size_t field : {1u, 2u, 99u}) {
    x.referring_field = field;
    CHECK(run(db, {list_command{.rows = {.model = &model_of<node>(), .where = x}}}).result.error);
  }
  x.children.clear();
  x.kind = condition::node::negation;
  CHECK(run(db, {list_command{.rows = {.model = &model_of<node>(), .where = x}}}).result.error);
}

namespace {

// The same conditions on rows in memory.
bool meets(const record& row, const condition& x) {
  switch (x.kind) {
  case condition::node::all_of:
    return std::ranges::all_of(x.children, [&](const auto& child) { return meets(row, child); });
  case condition::node::any_of:
    return std::ranges::any_of(x.children, [&](const auto& child) { return meets(row, child); });
  case condition::node::negation:
    return !meets(row, x.children.front());
  default:
    break;
  }
  const auto& own = row[x.path.front()];
  if (x.op == comparison::is_null) {
    return is_null(own) == std::get<bool>(x.operands.front());
  }
  if (x.op == comparison::in) {
    return !is_null(own) && std::ranges::find(x.operands, own) != x.operands.end();
  }
  const auto& operand = x.operands.front();
  if (is_null(own)) {
    return x.op == comparison::ne;
  }
  auto less = own.index() == 2 ? std::get<std::int64_t>(own) < std::get<std::int64_t>(operand)
                               : std::get<std::string>(own) < std::get<std::string>(operand);
  switch (x.op) {
  case comparison::eq:
    return own == operand;
  case comparison::ne:
    return own != operand;
  case comparison::lt:
    return less;
  case comparison::le:
    return less || own == operand;
  case comparison::gt:
    return !less && own != operand;
  default:
    return !less;
  }
}

value random_value(std::mt19937& random, std::size_t field) {
  if (field == 5 || field == 14) {
    static const texts all{"", "a", "A", "b", "ab", "ä", "'", "%", std::string{"a\0", 2}};
    return all[random() % all.size()];
  }
  return static_cast<std::int64_t>(random() % 7) - 3;
}

condition random_condition(std::mt19937& random, int depth) {
  condition x;
  if (depth > 0 && random() % 3 != 0) {
    auto kind = random() % 3;
    x.kind = kind == 0   ? condition::node::all_of
             : kind == 1 ? condition::node::any_of
                         : condition::node::negation;
    auto count = x.kind == condition::node::negation ? 1 : random() % 4;
    for (unsigned i = 0; i < count; ++i) {
      x.children.push_back(random_condition(random, depth - 1));
    }
    return x;
  }
  constexpr std::size_t fields[] = {3, 5, 12, 14};
  constexpr comparison ops[] = {comparison::eq, comparison::ne,     comparison::lt,
                                comparison::le, comparison::gt,     comparison::ge,
                                comparison::in, comparison::is_null};
  x.kind = condition::node::compare;
  x.path = {fields[random() % 4]};
  x.op = ops[random() % 8];
  if (x.op == comparison::is_null) {
    x.operands = {random() % 2 == 0};
    return x;
  }
  auto count = x.op == comparison::in ? random() % 4 : 1;
  for (unsigned i = 0; i < count; ++i) {
    x.operands.push_back(random_value(random, x.path.front()));
  }
  return x;
}

} // namespace

TEST_CASE("queries find what the same conditions find in memory", "[query]") {
  auto db = empty_database();
  std::mt19937 random{7};
  std::vector<record> all;
  for (int i = 0; i < 60; ++i) {
    auto row = to_record(sample{});
    for (auto field : {3u, 5u, 12u, 14u}) {
      auto is_optional = field > 10;
      row[field] = is_optional && random() % 3 == 0 ? value{} : random_value(random, field);
      // Conditions may name what no row can hold.
      if (on_postgresql() && row[field] == value{std::string{"a\0", 2}}) {
        row[field] = std::string{"a"};
      }
    }
    auto done = run(db, {create_command{.model = &samples, .values = row}});
    all.push_back(done.result.rows.front().values);
  }
  for (int i = 0; i < 1500; ++i) {
    auto x = random_condition(random, 3);
    std::vector<record> expected;
    std::ranges::copy_if(all, std::back_inserter(expected),
                         [&](const record& row) { return meets(row, x); });
    std::ranges::sort(expected, {}, [](const record& row) { return to_string(row[0]); });
    auto found = rows_of(db, {.model = &samples, .where = x});
    REQUIRE((found == expected));
    CHECK(run(db, {count_command{.rows = {.model = &samples, .where = x}}}).result.count
          == static_cast<std::int64_t>(expected.size()));
  }
}

} // namespace query_tests
