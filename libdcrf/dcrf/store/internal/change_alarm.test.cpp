#include "dcrf/store/internal/change_alarm.hpp"

#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

namespace change_alarm_tests {

using namespace dcrf;
using namespace dcrf::store_test;

// Runs only where DCRF_TEST_DATABASE names a database: see scripts/postgresql.
TEST_CASE("an alarm wakes for changes, for a lost connection, and to end",
          "[.][postgresql][feed]") {
  constexpr std::chrono::milliseconds patience{30'000};
  auto options = empty_options();
  options.outside = outside_changes::programs;
  database{options, all_models()}.migrate();
  change_alarm alarm{options};
  // Listening began.
  REQUIRE(alarm.wait(patience));
  execute_postgresql("INSERT INTO test_person (username) VALUES ('a')");
  CHECK(alarm.wait(patience));
  query_postgresql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                   "WHERE application_name = 'dcrf'");
  CHECK(alarm.wait(patience));
  CHECK(alarm.wait(patience));
  execute_postgresql("INSERT INTO test_person (username) VALUES ('b')");
  CHECK(alarm.wait(patience));
  alarm.stop();
  CHECK_FALSE(alarm.wait(patience));
}

} // namespace change_alarm_tests
