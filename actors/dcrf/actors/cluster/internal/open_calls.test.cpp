#include "dcrf/actors/cluster/internal/open_calls.hpp"

#include <caf/actor_system_config.hpp>
#include <catch2/catch.hpp>

#include <string>

namespace dcrf::cluster::open_calls_tests {

namespace {

struct calls_fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  io_thread thread{system};
  std::vector<std::string> late;
  open_calls<std::string> calls{thread, [this](std::string x) { late.push_back(std::move(x)); },
                                std::chrono::milliseconds{1}};

  void wait_for_late(std::size_t count) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (late.size() < count && std::chrono::steady_clock::now() < end) {
      thread.run_turn(std::chrono::milliseconds{50});
    }
  }
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(calls_fixture, "a call is answered once", "[cluster][calls]") {
  auto number = calls.add("one");
  CHECK(calls.take(number + 1) == std::nullopt);
  CHECK(calls.take(number) == "one");
  CHECK(calls.take(number) == std::nullopt);
}

TEST_CASE_METHOD(calls_fixture, "what is not answered in time is late", "[cluster][calls]") {
  calls.add("one");
  auto answered = calls.add("two");
  calls.add("three");
  calls.take(answered);
  wait_for_late(2);
  CHECK(late == texts{"one", "three"});
  CHECK(calls.take_all().empty());
  calls.add("four");
  wait_for_late(3);
  CHECK(late.back() == "four");
}

TEST_CASE_METHOD(calls_fixture, "what is taken back is not late", "[cluster][calls]") {
  calls.add("one");
  calls.add("two");
  CHECK(calls.take_all() == texts{"one", "two"});
  calls.add("three");
  wait_for_late(1);
  CHECK(late == texts{"three"});
}

} // namespace dcrf::cluster::open_calls_tests
