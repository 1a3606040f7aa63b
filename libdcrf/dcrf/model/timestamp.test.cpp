#include "dcrf/model/timestamp.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace timestamp_tests {

using dcrf::date;
using dcrf::timestamp;

namespace {

std::string read(std::string_view text) {
  auto result = timestamp::parse(text);
  return result ? result->to_string() : "none";
}

std::string read_date(std::string_view text) {
  auto result = date::parse(text);
  return result ? result->to_string() : "none";
}

} // namespace

TEST_CASE("times are read as ISO 8601") {
  CHECK(read("2024-01-02T03:04:05Z") == "2024-01-02T03:04:05Z");
  CHECK(read("2024-01-02T03:04") == "2024-01-02T03:04:00Z");
  CHECK(read("2024-01-02 03:04:05") == "2024-01-02T03:04:05Z");
  CHECK(read("2024-1-2T3:4:5Z") == "2024-01-02T03:04:05Z");
  CHECK(read("2024-01-02T03:04:05 Z") == "2024-01-02T03:04:05Z");
}

TEST_CASE("fractions of the second are microseconds") {
  CHECK(read("2024-01-02T03:04:05.1Z") == "2024-01-02T03:04:05.100000Z");
  CHECK(read("2024-01-02T03:04:05.000001Z") == "2024-01-02T03:04:05.000001Z");
  CHECK(read("2024-01-02T03:04:05,5") == "2024-01-02T03:04:05.500000Z");
  CHECK(read("2024-01-02T03:04:05.123456789012Z") == "2024-01-02T03:04:05.123456Z");
  CHECK(read("2024-01-02T03:04:05.000000Z") == "2024-01-02T03:04:05Z");
  CHECK(read("2024-01-02T03:04:05.1234567890123Z") == "none");
  CHECK(read("2024-01-02T03:04:05.Z") == "none");
}

TEST_CASE("an offset is taken off") {
  CHECK(read("2024-01-01T01:00+02:00") == "2023-12-31T23:00:00Z");
  CHECK(read("2024-12-31T23:30-0130") == "2025-01-01T01:00:00Z");
  CHECK(read("2024-01-01T00:00+05") == "2023-12-31T19:00:00Z");
  CHECK(read("2024-01-01T00:00+23:59") == "2023-12-31T00:01:00Z");
  CHECK(read("2024-01-01T00:00+24:00") == "none");
  CHECK(read("2024-01-01T00:00+1") == "none");
  CHECK(read("2024-01-01T00:00+01:0") == "none");
  CHECK(read("2024-01-01T00:00+01:000") == "none");
}

TEST_CASE("days that are none are refused") {
  CHECK(read("2024-02-29T00:00Z") == "2024-02-29T00:00:00Z");
  CHECK(read("2000-02-29T00:00Z") == "2000-02-29T00:00:00Z");
  CHECK(read("2023-02-29T00:00Z") == "none");
  CHECK(read("1900-02-29T00:00Z") == "none");
  CHECK(read("2024-13-01T00:00Z") == "none");
  CHECK(read("2024-00-01T00:00Z") == "none");
  CHECK(read("2024-04-31T00:00Z") == "none");
}

TEST_CASE("times that are none are refused") {
  for (const auto* text : {"",
                           "yesterday",
                           "2024-01-02",
                           "2024-01-02T",
                           "2024-01-02T24:00",
                           "2024-01-02T23:60",
                           "2024-01-02T23:59:60",
                           "2024-01-02T03",
                           "2024-01-02T03:",
                           "2024-01-02t03:04",
                           "2024-01-02T03:04z",
                           "2024-01-02T03:04:05ZZ",
                           "2024-01-02T03:04:05Z ",
                           " 2024-01-02T03:04",
                           "24-01-02T03:04",
                           "20240-01-02T03:04",
                           "2024/01/02T03:04",
                           "-2024-01-02T03:04",
                           "2024-01-02T03:04:",
                           "2024-001-02T03:04"}) {
    CAPTURE(text);
    CHECK(read(text) == "none");
  }
}

TEST_CASE("the years go from 1 to 9999") {
  CHECK(read("0001-01-01T00:00Z") == "0001-01-01T00:00:00Z");
  CHECK(read("9999-12-31T23:59:59.999999Z") == "9999-12-31T23:59:59.999999Z");
  CHECK(read("0000-01-01T00:00Z") == "none");
  CHECK(read("0001-01-01T00:00+00:01") == "none");
  CHECK(read("9999-12-31T23:59-00:01") == "none");
  CHECK(timestamp::overflows("0001-01-01T00:00+00:01"));
  CHECK(timestamp::overflows("9999-12-31T23:59-00:01"));
  CHECK_FALSE(timestamp::overflows("0001-01-01T00:00Z"));
  CHECK_FALSE(timestamp::overflows("0000-01-01T00:00Z"));
  CHECK_FALSE(timestamp::overflows("soon"));
}

TEST_CASE("times before 1970 keep their fraction") {
  CHECK(read("1969-12-31T23:59:59.999999Z") == "1969-12-31T23:59:59.999999Z");
  CHECK(timestamp::parse("1969-12-31T23:59:59.999999Z")->microseconds() == -1);
  CHECK(timestamp::from_microseconds(-1).to_string() == "1969-12-31T23:59:59.999999Z");
  CHECK(timestamp::from_microseconds(1'704'164'645'000'000).to_string() == "2024-01-02T03:04:05Z");
}

TEST_CASE("now is now") {
  auto before = std::chrono::system_clock::now() - std::chrono::microseconds{1};
  auto now = timestamp::now();
  CHECK(now.time >= before);
  CHECK(now.time <= std::chrono::system_clock::now());
  CHECK(timestamp::parse(now.to_string()) == now);
}

TEST_CASE("dates are read and written") {
  CHECK(read_date("2024-02-29") == "2024-02-29");
  CHECK(read_date("2024-2-9") == "2024-02-09");
  CHECK(read_date("0001-01-01") == "0001-01-01");
  CHECK(read_date("9999-12-31") == "9999-12-31");
  for (const auto* text : {"", "2023-02-29", "29.02.2024", "2024-02-29T00:00:00", "2024-02-29 ",
                           "0000-01-01", "2024-1-", "2024--1", "10000-01-01", "2024-02-290"}) {
    CAPTURE(text);
    CHECK(read_date(text) == "none");
  }
}

TEST_CASE("dates and times are ordered") {
  CHECK(date::parse("2023-12-31") < date::parse("2024-01-01"));
  CHECK(timestamp::parse("2024-01-01T00:00+01:00") < timestamp::parse("2024-01-01T00:00Z"));
}

} // namespace timestamp_tests
