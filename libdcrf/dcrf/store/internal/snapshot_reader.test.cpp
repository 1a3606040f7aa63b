#include "dcrf/store/internal/snapshot_reader.hpp"

#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"

#include <catch2/catch.hpp>

namespace snapshot_reader_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

struct fixture {
  fixture() { db.migrate(); }

  void add(int count) {
    bulk_create_command creation{.model = &model_of<person>()};
    for (int i = 0; i < count; ++i) {
      creation.rows.push_back(to_record(person{.username = std::to_string(++added)}));
    }
    unit_of_work unit{db};
    REQUIRE_FALSE(unit.execute({std::move(creation)}).error);
    unit.commit();
  }

  std::optional<std::int64_t> count() {
    count_command x;
    x.rows.model = &model_of<person>();
    auto result = reader.execute({x}, db.commits());
    return result ? std::optional{result->count} : std::nullopt;
  }

  temporary_folder folder;
  database db{{.url = folder.url("read.db")}, all_models()};
  snapshot_reader reader{db.options(), db.models()};
  int added = 0;
};

} // namespace

TEST_CASE("only files can be read beside their writer", "[snapshot_reader]") {
  CHECK(snapshot_reader::is_possible_for({.url = "sqlite://chat.db"}));
  CHECK_FALSE(snapshot_reader::is_possible_for({.url = "sqlite://:memory:"}));
  CHECK_FALSE(snapshot_reader::is_possible_for({.url = "postgresql://localhost/chat"}));
}

TEST_CASE_METHOD(fixture, "a reader sees every commit, bulk ones too", "[snapshot_reader]") {
  CHECK(count() == 0);
  add(2);
  CHECK(count() == 2);
  add(1);
  CHECK(count() == 3);
  reader.close();
  CHECK(count() == 3);
}

TEST_CASE_METHOD(fixture, "reads between two commits see one state", "[snapshot_reader]") {
  add(1);
  CHECK(count() == 1);
  auto commits = db.commits();
  add(1);
  count_command x;
  x.rows.model = &model_of<person>();
  CHECK(reader.execute({x}, commits)->count == 1);
  CHECK(count() == 2);
}

TEST_CASE_METHOD(fixture, "a read that takes long is given up, and the next one is not",
                 "[snapshot_reader]") {
  add(20'000);
  list_command all;
  all.rows.model = &model_of<person>();
  CHECK_FALSE(reader.execute({all}, db.commits()));
  CHECK(reader
            .execute(
                {retrieve_command{.where = {.model = &model_of<person>(), .key = std::int64_t{7}}}},
                db.commits())
            ->rows.size()
        == 1);
}

TEST_CASE_METHOD(fixture, "a reader writes nothing", "[snapshot_reader]") {
  CHECK(reader
            .execute({create_command{.model = &model_of<person>(),
                                     .values = to_record(person{.username = "x"})}},
                     db.commits())
            ->error);
  CHECK(count() == 0);
}

TEST_CASE_METHOD(fixture, "a writer at work does not hold up a reader", "[snapshot_reader]") {
  add(1);
  unit_of_work unit{db};
  REQUIRE_FALSE(unit.execute({create_command{.model = &model_of<person>(),
                                             .values = to_record(person{.username = "x"})}})
                    .error);
  CHECK(count() == 1);
  unit.commit();
  CHECK(count() == 2);
}

} // namespace snapshot_reader_tests
