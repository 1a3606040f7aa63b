#include "dcrf/actors/net/internal/deadline.hpp"

#include <caf/actor_system_config.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace deadline_tests {

using namespace std::chrono_literals;
using dcrf::internal::deadline;

namespace {

struct fixture {
  void run_until(const std::function<bool()>& condition) {
    auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      thread.run_turn(5ms);
    }
  }

  std::function<void()> noting(char x) {
    return [this, x] { seen += x; };
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  dcrf::io_thread thread{system};
  dcrf::internal::deadlines all{thread};
  std::string seen;
};

} // namespace

TEST_CASE_METHOD(fixture, "deadlines of several delays come in the order of their times",
                 "[deadline]") {
  deadline a{all};
  deadline b{all};
  deadline c{all};
  a.set(40ms, noting('a'));
  b.set(10ms, noting('b'));
  c.set(40ms, noting('c'));
  run_until([&] { return seen.size() == 3; });
  CHECK(seen == "bac");
}

TEST_CASE_METHOD(fixture, "a deadline that was set anew, cleared or destroyed does not come",
                 "[deadline]") {
  deadline anew{all};
  deadline cleared{all};
  auto gone = std::make_unique<deadline>(all);
  deadline last{all};
  anew.set(5ms, noting('x'));
  cleared.set(5ms, noting('x'));
  gone->set(5ms, noting('x'));
  anew.set(10ms, noting('a'));
  cleared.clear();
  gone.reset();
  last.set(30ms, noting('z'));
  run_until([&] { return seen.ends_with('z'); });
  CHECK(seen == "az");
}

TEST_CASE_METHOD(fixture, "a deadline may be set, and others destroyed, when one comes",
                 "[deadline]") {
  auto other = std::make_unique<deadline>(all);
  deadline again{all};
  int left = 3;
  std::function<void()> repeat = [&] {
    other.reset();
    seen += 'r';
    if (--left > 0) {
      again.set(5ms, repeat);
    }
  };
  again.set(5ms, repeat);
  other->set(5ms, noting('x'));
  run_until([&] { return left == 0; });
  thread.run_turn(20ms);
  CHECK(seen == "rrr");
}

} // namespace deadline_tests
