#include "dcrf/json/json_reader.hpp"
#include "dcrf/serializer/serializer.hpp"
#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

namespace dcrf::store_test {

struct seat {
  std::int64_t id{};
  std::string row;
  std::int32_t number{};
  std::optional<std::string> ticket;
  std::int32_t hall = 1;
};
BOOST_DESCRIBE_STRUCT(seat, (), (id, row, number, ticket, hall))

} // namespace dcrf::store_test

template <>
struct dcrf::model<dcrf::store_test::seat> {
  using seat = dcrf::store_test::seat;
  static constexpr auto table = "test_seat";
  using primary_key = dcrf::primary_key<&seat::id>;
  using fields = dcrf::fields<dcrf::field<&seat::number, dcrf::column_name<"no">>,
                              dcrf::field<&seat::hall, dcrf::defaulted>>;
  using constraints = dcrf::constraints<dcrf::unique_together<&seat::row, &seat::number>,
                                        dcrf::unique_together<&seat::ticket, &seat::hall>>;
};

namespace unique_together_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

struct seat_serializer : model_serializer<seat> {
  using fields = all_fields;
};

database seats() {
  database result{empty_options(), schema::of<seat>()};
  result.migrate();
  return result;
}

create_command creation(const seat& x) {
  return {.model = &model_of<seat>(), .values = to_record(x)};
}

std::string errors_of(const outcome& x) {
  REQUIRE(x.result.error);
  CHECK(x.result.error->code == store_errc::invalid);
  return x.result.error->errors.to_json_text().str();
}

std::int64_t seat_count(database& db) {
  return run(db, {count_command{.rows = {.model = &model_of<seat>()}}}).result.count;
}

const std::string taken =
    R"({"non_field_errors":["The fields row, number must make a unique set."]})";

} // namespace

TEST_CASE("values that are unique together are refused together", "[unique_together]") {
  auto db = seats();
  create(db, seat{.row = "a", .number = 1});
  CHECK(errors_of(run(db, {creation({.row = "a", .number = 1})})) == taken);
  CHECK_FALSE(run(db, {creation({.row = "a", .number = 2})}).result.error);
  CHECK_FALSE(run(db, {creation({.row = "b", .number = 1})}).result.error);
  CHECK(seat_count(db) == 3);
}

TEST_CASE("rows with a null are not compared", "[unique_together]") {
  auto db = seats();
  create(db, seat{.row = "a", .number = 1});
  create(db, seat{.row = "a", .number = 2});
  create(db, seat{.row = "a", .number = 3, .ticket = "x"});
  CHECK(errors_of(run(db, {creation({.row = "a", .number = 4, .ticket = "x"})}))
        == R"({"non_field_errors":["The fields ticket, hall must make a unique set."]})");
}

TEST_CASE("an update is compared with other rows, by what it leaves, too", "[unique_together]") {
  auto db = seats();
  auto own = create(db, seat{.row = "a", .number = 1}).id;
  create(db, seat{.row = "a", .number = 2});
  auto renumber = [&](std::int64_t to) {
    return run(db, {update_command{.where = by_key<seat>(own),
                                   .changes = {{detail::index_of<&seat::number>(), to}}}});
  };
  CHECK_FALSE(renumber(1).result.error);
  CHECK(errors_of(renumber(2)) == taken);
  CHECK_FALSE(renumber(3).result.error);
}

TEST_CASE("errors of fields come before what is unique together", "[unique_together]") {
  auto db = seats();
  create(db, seat{.row = "a", .number = 1});
  auto x = creation({.row = "a", .number = 1});
  x.errors = field_errors{json_text::parse(R"({"hall":["No."]})")};
  CHECK(errors_of(run(db, {x})) == R"({"hall":["No."]})");
}

TEST_CASE("rows made in bulk are compared, too", "[unique_together]") {
  auto db = seats();
  bulk_create_command both{.model = &model_of<seat>()};
  both.rows = {to_record(seat{.row = "a", .number = 1}), to_record(seat{.row = "a", .number = 1})};
  CHECK(errors_of(run(db, {both})) == taken);
  CHECK(seat_count(db) == 0);
}

TEST_CASE("what shall be unique together is required", "[unique_together]") {
  json_reader reader;
  CHECK(read_input(serializer_of<seat_serializer>(), reader.read("{}"), {}, false)
            .errors.to_json_text()
            .str()
        == R"({"row":["This field is required."],"number":["This field is required."],)"
           R"("ticket":["This field is required."]})");
  CHECK_FALSE(
      read_input(serializer_of<seat_serializer>(), reader.read("{}"), {}, true).has_errors());
}

TEST_CASE("the index over several columns is made once", "[unique_together]") {
  database db{empty_options(), schema::of<seat>()};
  auto done = db.migrate();
  CHECK(done.at(1) == "Created the unique index over test_seat (row, no).");
  CHECK(db.migrate().empty());
}

TEST_CASE("what is unique together may come later, and go", "[unique_together][sqlite]") {
  temporary_folder folder;
  auto file = folder.file("x.db");
  execute_sql(file, "CREATE TABLE test_seat (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
                    "row TEXT NOT NULL, no INTEGER NOT NULL, ticket TEXT, "
                    "hall INTEGER NOT NULL DEFAULT 1);"
                    "INSERT INTO test_seat (row, no) VALUES ('a', 1), ('a', 1), ('b', 1);"
                    "CREATE UNIQUE INDEX test_seat__row__hall__unique ON test_seat (id, row);"
                    "CREATE UNIQUE INDEX test_seat__id__row__unique ON test_seat (id, row)");
  database db{{.url = folder.url("x.db")}, schema::of<seat>()};
  CHECK_THROWS_WITH(db.migrate(),
                    Catch::Contains("its columns row, no shall be unique together, but several "
                                    "rows hold the same, the first of them a"));
  execute_sql(file, "DELETE FROM test_seat WHERE id = 2");
  CHECK(db.migrate()
        == std::vector<std::string>{"Created the unique index over test_seat (row, no).",
                                    "Created the unique index over test_seat (ticket, hall).",
                                    "Dropped the unique index over test_seat (id, row)."});
}

} // namespace unique_together_tests
