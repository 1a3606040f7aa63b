#include "dcrf/actors/internal/log.hpp"

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

namespace log_tests {

TEST_CASE("the log takes the levels that the help text names, and no others", "[log]") {
  auto before = spdlog::default_logger();
  CHECK(dcrf::set_up_log("warning"));
  CHECK(spdlog::default_logger()->level() == spdlog::level::warn);
  CHECK(dcrf::set_up_log("off"));
  CHECK(spdlog::default_logger()->level() == spdlog::level::off);
  CHECK_FALSE(dcrf::set_up_log("loud"));
  CHECK(spdlog::default_logger()->level() == spdlog::level::off);
  spdlog::set_default_logger(before);
}

} // namespace log_tests
