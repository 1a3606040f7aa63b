#include "dcrf/model/value.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

namespace value_tests {

using dcrf::value;

namespace {

std::string json_of(const value& x) {
  std::string result;
  dcrf::json_writer writer{result};
  write_json(writer, x);
  return result;
}

const auto some_uuid = *dcrf::uuid::parse("12345678-1234-5678-9abc-def012345678");

} // namespace

TEST_CASE("values are written as JSON") {
  CHECK(json_of({}) == "null");
  CHECK(json_of(true) == "true");
  CHECK(json_of(std::int64_t{-5}) == "-5");
  CHECK(json_of(1.0) == "1.0");
  CHECK(json_of(std::string{"a\"b"}) == R"("a\"b")");
  CHECK(json_of(dcrf::decimal{150, 2}) == R"("1.50")");
  CHECK(json_of(*dcrf::date::parse("2024-02-29")) == R"("2024-02-29")");
  CHECK(json_of(dcrf::timestamp{}) == R"("1970-01-01T00:00:00Z")");
  CHECK(json_of(some_uuid) == R"("12345678-1234-5678-9abc-def012345678")");
  CHECK(json_of(dcrf::json_text::parse("[1, 2]")) == "[1,2]");
}

TEST_CASE("values in a list are separated") {
  std::string out;
  dcrf::json_writer writer{out};
  writer.begin_array();
  for (const auto& x : {value{}, value{some_uuid}, value{dcrf::timestamp{}}, value{1.5}}) {
    write_json(writer, x);
  }
  writer.end_array();
  CHECK(out == R"([null,"12345678-1234-5678-9abc-def012345678","1970-01-01T00:00:00Z",1.5])");
}

TEST_CASE("values as text have no quotes of their own") {
  CHECK(to_string(value{std::string{"\"quoted\""}}) == "\"quoted\"");
  CHECK(to_string(value{std::string{}}).empty());
  CHECK(to_string(value{}) == "null");
  CHECK(to_string(value{false}) == "false");
  CHECK(to_string(value{std::int64_t{7}}) == "7");
  CHECK(to_string(value{dcrf::decimal{150, 2}}) == "1.50");
  CHECK(to_string(value{some_uuid}) == "12345678-1234-5678-9abc-def012345678");
  CHECK(to_string(value{dcrf::timestamp{}}) == "1970-01-01T00:00:00Z");
  CHECK(to_string(value{dcrf::json_text::parse("\"x\"")}) == "\"x\"");
}

} // namespace value_tests
