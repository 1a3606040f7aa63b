#include "dcrf/actors/cluster/internal/versions.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"

namespace dcrf::cluster::versions_tests {

namespace {

struct versions_fixture {
  ~versions_fixture() { remote.stop(); }

  void link(const std::string& store) { known.linked({.name = "b", .store = store}); }

  actors_test::node here;
  schema models = schema::of<actors_test::topic, actors_test::entry>();
  remote_repositories remote{here.thread,
                             models,
                             "b",
                             {.send = [](std::uint64_t, const command&) {},
                              .abandon = [](std::uint64_t) {},
                              .catch_up = [](std::uint64_t) {}}};
  versions known{nullptr, &remote, "b"};
};

} // namespace

TEST_CASE_METHOD(versions_fixture, "the versions of the first store are taken as they are",
                 "[cluster][versions]") {
  link("b 1");
  known.committed(100);
  CHECK(known.told(103) == 103);
  known.committed(102); // a reply that was overtaken
  CHECK(remote.version() == 103);
  CHECK(known.told(0) == 0);
}

TEST_CASE_METHOD(versions_fixture, "a store that comes back with lower versions is counted on",
                 "[cluster][versions]") {
  link("b 1");
  known.committed(100);
  link("b 2");
  SECTION("from what it had committed") {
    known.committed(40);
    CHECK(remote.version() == 100);
    CHECK(known.told(41) == 101);
  }
  SECTION("from before the change that it tells of first") {
    CHECK(known.told(41) == 101);
    known.committed(41);
    CHECK(remote.version() == 101);
  }
  SECTION("from nothing, if it had committed nothing") {
    known.committed(0);
    CHECK(known.told(41) == 141);
  }
  SECTION("and so is the next one") {
    known.committed(40);
    link("b 3");
    known.committed(7);
    CHECK(known.told(8) == 101);
  }
}

TEST_CASE_METHOD(versions_fixture, "a store that comes back with the same or higher ones is not",
                 "[cluster][versions]") {
  link("b 1");
  known.committed(100);
  link("b 1");
  known.committed(100);
  CHECK(known.told(101) == 101);
  link("b 2");
  known.committed(200);
  CHECK(known.told(201) == 201);
}

} // namespace dcrf::cluster::versions_tests
