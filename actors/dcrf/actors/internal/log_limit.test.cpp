#include "dcrf/actors/internal/log_limit.hpp"

#include <catch2/catch.hpp>

namespace log_limit_tests {

using namespace std::chrono_literals;

TEST_CASE("lines beyond the limit are left out and counted", "[log]") {
  dcrf::log_limit limit{2, 1s};
  dcrf::log_limit::clock::time_point now{};
  CHECK(limit.pass(now) == 0U);
  CHECK(limit.pass(now + 1ms) == 0U);
  CHECK_FALSE(limit.pass(now + 2ms));
  CHECK_FALSE(limit.pass(now + 999ms));
  CHECK(limit.pass(now + 1s) == 2U);
  CHECK(limit.pass(now + 1s) == 0U);
  CHECK_FALSE(limit.pass(now + 1s));
}

TEST_CASE("what was said is known, within bounds", "[log]") {
  dcrf::said_before said;
  CHECK(said.is_new("a"));
  CHECK_FALSE(said.is_new("a"));
  for (int i = 0; i < 1'000; ++i) {
    said.is_new(std::to_string(i));
  }
  CHECK(said.is_new("a"));
}

} // namespace log_limit_tests
