#include "dcrf/store/aggregate.hpp"

#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

// What many rows come to.

namespace aggregate_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

template <class... Aggregates>
std::vector<record> values_of(database& db, selection rows, std::optional<column_path> by,
                              Aggregates...) {
  using model = sample;
  aggregate_command x{.rows = std::move(rows),
                      .wanted = {detail::aggregate_over<model, Aggregates>::get()...},
                      .by = std::move(by)};
  auto done = run(db, {std::move(x)});
  if (done.result.error) {
    throw store_failure(*done.result.error);
  }
  std::vector<record> result;
  for (auto& each : done.result.rows) {
    result.push_back(std::move(each.values));
  }
  return result;
}

sample make(std::int64_t large, std::int64_t cents, std::string text,
            std::optional<std::int64_t> maybe = {}) {
  sample x;
  x.large = large;
  x.small = static_cast<std::int32_t>(large);
  x.ratio = static_cast<double>(large) / 2;
  x.price = {cents, 2};
  x.text = std::move(text);
  x.maybe_large = maybe;
  x.at = timestamp::from_microseconds(large % 1000);
  return x;
}

} // namespace

TEST_CASE("rows come to numbers of their columns' types", "[query]") {
  auto db = empty_database();
  create(db, make(1, 150, "a", 10));
  create(db, make(2, 275, "b"));
  create(db, make(4, 100, "b", 30));

  auto all = query<sample>{}.get();
  auto found = values_of(db, all, {}, count_of<>, count_of<&sample::maybe_large>,
                         sum_of<&sample::large>, sum_of<&sample::small>, sum_of<&sample::ratio>,
                         sum_of<&sample::price>, sum_of<&sample::maybe_large>);
  REQUIRE(found.size() == 1);
  CHECK(found[0]
        == record{std::int64_t{3}, std::int64_t{2}, std::int64_t{7}, std::int64_t{7}, 3.5,
                  decimal{525, 2}, std::int64_t{40}});

  auto averages = values_of(db, all, {}, avg_of<&sample::large>, avg_of<&sample::price>,
                            avg_of<&sample::maybe_large>, avg_of<&sample::ratio>);
  CHECK(std::get<double>(averages[0][0]) == Approx(7.0 / 3));
  CHECK(std::get<double>(averages[0][1]) == Approx(1.75));
  CHECK(std::get<double>(averages[0][2]) == Approx(20));
  CHECK(std::get<double>(averages[0][3]) == Approx(3.5 / 3));

  CHECK(values_of(db, all, {}, min_of<&sample::text>, max_of<&sample::text>, min_of<&sample::price>,
                  max_of<&sample::at>, min_of<&sample::maybe_large>)[0]
        == record{std::string{"a"}, std::string{"b"}, decimal{100, 2},
                  timestamp::from_microseconds(4), std::int64_t{10}});
}

TEST_CASE("no rows come to nothing", "[query]") {
  auto db = empty_database();
  CHECK(values_of(db, query<sample>{}.get(), {}, count_of<>, sum_of<&sample::large>,
                  sum_of<&sample::price>, sum_of<&sample::ratio>, avg_of<&sample::large>,
                  min_of<&sample::text>)[0]
        == record{std::int64_t{0}, std::int64_t{0}, decimal{0, 2}, 0.0, value{}, value{}});
  CHECK(values_of(db, query<sample>{}.get(), column_path{5}, count_of<>).empty());
}

TEST_CASE("rows are grouped by a column, in its order", "[query]") {
  auto db = empty_database();
  create(db, make(1, 150, "a", 10));
  create(db, make(2, 275, "b"));
  create(db, make(4, 100, "b", 30));
  create(db, make(9, 100, "c"));

  auto some = query<sample>{}.filter(column<&sample::large> < 9);
  CHECK(values_of(db, some.get(), column_path{5}, sum_of<&sample::large>, count_of<>)
        == std::vector<record>{{std::string{"a"}, std::int64_t{1}, std::int64_t{1}},
                               {std::string{"b"}, std::int64_t{6}, std::int64_t{2}}});
  auto by_maybe = column_of<&sample::maybe_large>::path();
  CHECK(values_of(db, some.get(), by_maybe, count_of<>)
        == std::vector<record>{{value{}, std::int64_t{1}},
                               {std::int64_t{10}, std::int64_t{1}},
                               {std::int64_t{30}, std::int64_t{1}}});
}

TEST_CASE("a sum that no column can hold is a failure", "[query]") {
  auto db = empty_database();
  create(db, make(std::numeric_limits<std::int64_t>::max(), 1, "a"));
  create(db, make(std::numeric_limits<std::int64_t>::max(), 1, "b"));
  aggregate_command x{.rows = query<sample>{}.get(),
                      .wanted = {{aggregate::function::sum, column_of<&sample::large>::path()}}};
  CHECK(run(db, {x}).result.error);
}

TEST_CASE("columns of rows referred to are aggregated, and rows grouped by them", "[query]") {
  auto db = empty_database();
  auto ann = create(db, person{.username = "ann", .nickname = "z"}).id;
  auto bob = create(db, person{.username = "bob"}).id;
  for (auto host : {ann, bob, ann}) {
    static int count = 0;
    create(db, place{.name = std::to_string(++count), .host = host, .deputy = bob});
  }
  aggregate_command x{
      .rows = query<place>{}.get(),
      .wanted = {{},
                 {aggregate::function::max, column_of<&place::host, &person::nickname>::path()}},
      .by = column_of<&place::host, &person::username>::path()};
  auto done = run(db, {x});
  REQUIRE(done.result.rows.size() == 2);
  CHECK(done.result.rows[0].values
        == record{std::string{"ann"}, std::int64_t{2}, std::string{"z"}});
  CHECK(done.result.rows[1].values == record{std::string{"bob"}, std::int64_t{1}, value{}});
}

TEST_CASE("what belongs to rows is summed up in one query for all", "[fetch]") {
  auto db = empty_database();
  auto ann = create(db, person{.username = "ann"}).id;
  auto bob = create(db, person{.username = "bob"}).id;
  auto room = create(db, place{.name = "r", .host = ann, .deputy = bob}).id;
  create(db, place{.name = "s", .host = ann});
  for (auto member : {ann, bob}) {
    run(db, {relate_command{.relation = &model_of<place>().relations[0],
                            .key = room,
                            .mode = relate_command::how::add,
                            .keys = {member}}});
  }
  auto host = column_of<&place::host>::path().front();
  auto name = column_of<&place::name>::path();
  fetch hosted{.kind = fetch::side::referrers, .model = &model_of<place>(), .field = host};
  hosted.summary = aggregate{};
  auto first = hosted;
  first.summary = aggregate{aggregate::function::min, name};
  fetch member_of{.kind = fetch::side::sources,
                  .model = &model_of<place>(),
                  .relation = &model_of<place>().relations[0]};
  member_of.summary = aggregate{};
  auto done =
      run(db, {list_command{.rows = query<person>{}.get(), .plan = {hosted, first, member_of}}});
  REQUIRE(done.result.rows.size() == 2);
  auto value_at = [&](std::size_t row, std::size_t fetched) {
    return done.result.rows[row].related.at(fetched).at(0).values.at(0);
  };
  CHECK(value_at(0, 0) == value{std::int64_t{2}});
  CHECK(value_at(0, 1) == value{std::string{"r"}});
  CHECK(value_at(0, 2) == value{std::int64_t{1}});
  CHECK(value_at(1, 0) == value{std::int64_t{0}});
  CHECK(value_at(1, 1) == value{});
  CHECK(value_at(1, 2) == value{std::int64_t{1}});

  fetch members{.kind = fetch::side::targets,
                .model = &model_of<person>(),
                .relation = &model_of<place>().relations[0]};
  members.summary = aggregate{};
  auto rooms = run(db, {list_command{.rows = query<place>{}.get(), .plan = {members}}});
  CHECK(rooms.result.rows.at(0).related.at(0).at(0).values == record{std::int64_t{2}});
  CHECK(rooms.result.rows.at(1).related.at(0).at(0).values == record{std::int64_t{0}});
}

} // namespace aggregate_tests
