#include "dcrf/actors/internal/feed_limits.hpp"

#include <catch2/catch.hpp>

namespace feed_limits_tests {

using namespace dcrf;
using namespace std::chrono_literals;

TEST_CASE("a retention is read limit by limit", "[config]") {
  CHECK(read_retention("2h") == feed_retention{.time = 2h});
  CHECK(read_retention("250ms") == feed_retention{.time = 250ms});
  CHECK(read_retention("500") == feed_retention{.entries = 500});
  CHECK(read_retention("64KiB") == feed_retention{.bytes = 65536});
  CHECK(read_retention("off")->entries == 0);
  CHECK(read_retention("10min,7,2GiB")
        == feed_retention{.time = 10min, .entries = 7, .bytes = 2147483648});
}

TEST_CASE("what is no retention means nothing", "[config]") {
  for (const auto* text : {"", "h", "0h", "-1s", "1h,", ",1h", "1 h", "1H", "1d", "1.5h", "1MB",
                           "99999999999999999999", "999999999999h", "999999999999GiB"}) {
    CHECK_FALSE(read_retention(text));
  }
}

} // namespace feed_limits_tests
