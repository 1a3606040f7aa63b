#include "dcrf/model/expected.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace expected_tests {

namespace {

using number = dcrf::expected<std::unique_ptr<int>, std::string>;

number halved(int x) {
  if (x % 2 != 0) {
    return dcrf::unexpected{std::string{"odd"}};
  }
  return std::make_unique<int>(x / 2);
}

} // namespace

TEST_CASE("an expected has a value, or why there is none", "[expected]") {
  auto half = halved(4);
  REQUIRE(half);
  CHECK(**half == 2);
  CHECK(half->get() == (*half).get());
  auto none = halved(3);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error() == "odd");
}

TEST_CASE("an expected nothing is done, or has an error", "[expected]") {
  dcrf::expected<void, std::string> done;
  CHECK(done);
  dcrf::expected<void, std::string> failed{dcrf::unexpected{std::string{"late"}}};
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == "late");
}

} // namespace expected_tests
