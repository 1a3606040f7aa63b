#include "dcrf/actors/cluster/internal/interests.hpp"

#include <catch2/catch.hpp>

namespace dcrf::cluster::interests_tests {

namespace {

struct interests_fixture {
  interests held;
  std::vector<std::uint64_t> announced;
  int ready = 0;
  group_name lobby{nullptr, "lobby"};

  void hold(const std::vector<std::size_t>& nodes) {
    held.hold(
        lobby, [this] { ++ready; }, nodes,
        [this](const group_name&, std::uint64_t number) { announced.push_back(number); });
  }
};

} // namespace

TEST_CASE_METHOD(interests_fixture, "without other nodes a member is ready at once",
                 "[cluster][interests]") {
  hold({});
  CHECK(ready == 1);
}

TEST_CASE_METHOD(interests_fixture, "all members wait until every node knows",
                 "[cluster][interests]") {
  hold({1, 2});
  hold({1, 2});
  CHECK(announced.size() == 1);
  held.confirm(1, announced[0]);
  held.confirm(1, announced[0]);
  CHECK(ready == 0);
  held.confirm(2, announced[0]);
  CHECK(ready == 2);
  hold({1, 2});
  CHECK(ready == 3);
  CHECK(announced.size() == 1);
}

TEST_CASE_METHOD(interests_fixture, "nobody waits for a node that is lost",
                 "[cluster][interests]") {
  hold({1, 2});
  held.confirm(1, announced[0]);
  held.remove_node(2);
  CHECK(ready == 1);
}

TEST_CASE_METHOD(interests_fixture, "a node that was linked later has to know, too",
                 "[cluster][interests]") {
  hold({});
  held.add_node(3,
                [this](const group_name&, std::uint64_t number) { announced.push_back(number); });
  hold({3});
  CHECK(ready == 1);
  held.confirm(3, announced.back());
  CHECK(ready == 2);
}

TEST_CASE_METHOD(interests_fixture, "a confirmation of members that are gone confirms no others",
                 "[cluster][interests]") {
  hold({1});
  CHECK(held.release(lobby));
  CHECK_FALSE(held.release(lobby));
  hold({1});
  held.confirm(1, announced[0]);
  CHECK(ready == 0);
  held.confirm(1, announced[1]);
  CHECK(ready == 1);
}

} // namespace dcrf::cluster::interests_tests
