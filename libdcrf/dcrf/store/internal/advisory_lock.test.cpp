#include "dcrf/store/internal/advisory_lock.hpp"

#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <optional>

namespace advisory_lock_tests {

using namespace dcrf;
using namespace dcrf::store_test;

TEST_CASE("one of several has a lock of the database", "[.][postgresql]") {
  auto options = empty_options();
  advisory_lock first{options, "x"};
  CHECK(first.hold());
  CHECK(first.hold());
  std::optional<advisory_lock> second{std::in_place, options, "x"};
  CHECK_FALSE(second->hold());
  advisory_lock other{options, "y"};
  CHECK(other.hold());
  second.reset();

  // Whoever loses the connection loses the lock.
  execute_postgresql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
  advisory_lock third{options, "x"};
  while (!third.hold()) {
  }
  CHECK_FALSE(first.hold());
}

TEST_CASE("nobody has a lock of a database that is not there", "[.][postgresql]") {
  advisory_lock lock{{.url = "postgresql://127.0.0.1:1/x"}, "x"};
  CHECK_FALSE(lock.hold());
  lock.interrupt();
  CHECK_FALSE(lock.hold());
}

} // namespace advisory_lock_tests
