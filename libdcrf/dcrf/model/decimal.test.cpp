#include "dcrf/model/decimal.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

namespace decimal_tests {

using dcrf::decimal;

namespace {

std::string read(std::string_view text) {
  auto result = decimal::parse(text);
  return result ? result->to_string() : "none";
}

std::string shape(std::string_view text) {
  auto result = decimal::measure(text);
  return result ? std::to_string(result->digits) + ' ' + std::to_string(result->places) + ' '
                      + std::to_string(result->whole_digits)
                : "none";
}

} // namespace

TEST_CASE("numbers are read with their places") {
  CHECK(read("0") == "0");
  CHECK(read("1.50") == "1.50");
  CHECK(read("-0.1") == "-0.1");
  CHECK(read("+3") == "3");
  CHECK(read(".5") == "0.5");
  CHECK(read("5.") == "5");
  CHECK(read("0012.5") == "12.5");
  CHECK(read("1e3") == "1000");
  CHECK(read("1.5E2") == "150");
  CHECK(read("1.5e+1") == "15");
  CHECK(read("15e-3") == "0.015");
  CHECK(read("999999999999999999") == "999999999999999999");
  CHECK(read("-0.999999999999999999") == "-0.999999999999999999");
  CHECK(read("0.000000000000000001") == "0.000000000000000001");
}

TEST_CASE("what is no number, or too large a one, is not read") {
  for (const auto* text : {"", "-", ".", "+.", "x", "1x", "1.2.3", "1e", "1e+", "e5", "NaN",
                           "Infinity", "--1", "+-1", " 1", "1 ", "1_000", "0x10", "1,5"}) {
    CAPTURE(text);
    CHECK(read(text) == "none");
    CHECK(shape(text) == "none");
  }
  CHECK(read("1000000000000000000") == "none");
  CHECK(read("0.0000000000000000001") == "none");
  CHECK(read("1e18") == "none");
  CHECK(read("1e-19") == "none");
}

TEST_CASE("digits are counted as Python's Decimal counts them") {
  CHECK(shape("0") == "1 0 1");
  CHECK(shape("123.45") == "5 2 3");
  CHECK(shape("-123.45") == "5 2 3");
  CHECK(shape("1.50") == "3 2 1");
  CHECK(shape("0.001234") == "6 6 0");
  CHECK(shape("0.10") == "2 2 0");
  CHECK(shape("000.10") == "2 2 0");
  CHECK(shape("0.00") == "2 2 0");
  CHECK(shape("12e3") == "5 0 5");
  CHECK(shape("1.25e1") == "3 1 2");
  CHECK(shape("100") == "3 0 3");
  CHECK(decimal::measure("1e999999999999999999").value().digits > 100'000);
  CHECK(decimal::measure("1e-999999999999999999").value().places > 100'000);
  CHECK_FALSE(decimal::measure("1e1000000000000000000"));
  CHECK_FALSE(decimal::measure("1e-99999999999999999999"));
}

TEST_CASE("places are changed where no digit is lost") {
  CHECK(decimal{15, 1}.rescaled(2) == decimal{150, 2});
  CHECK(decimal{15, 1}.rescaled(2).value().to_string() == "1.50");
  CHECK(decimal{150, 2}.rescaled(1).value().to_string() == "1.5");
  CHECK_FALSE(decimal{155, 2}.rescaled(1));
  CHECK(decimal{0, 0}.rescaled(18).value().to_string() == "0.000000000000000000");
  CHECK_FALSE(decimal{1, 0}.rescaled(18));
  CHECK_FALSE(decimal{999'999'999'999'999'999, 0}.rescaled(1));
  CHECK_FALSE(decimal{1, 0}.rescaled(19));
}

TEST_CASE("numbers are written with exactly their places") {
  CHECK(decimal{5, 0}.to_string() == "5");
  CHECK(decimal{5, 3}.to_string() == "0.005");
  CHECK(decimal{-5, 1}.to_string() == "-0.5");
  CHECK(decimal{12345, 2}.to_string() == "123.45");
  CHECK(decimal{std::numeric_limits<std::int64_t>::min(), 0}.to_string() == "-9223372036854775808");
}

TEST_CASE("numbers are compared, whatever their places") {
  CHECK(decimal{15, 1} == decimal{150, 2});
  CHECK(decimal{15, 1} < decimal{151, 2});
  CHECK(decimal{-1, 0} < decimal{-9, 1});
  CHECK(decimal{std::numeric_limits<std::int64_t>::max(), 0}
        > decimal{std::numeric_limits<std::int64_t>::max(), 18});
}

} // namespace decimal_tests
