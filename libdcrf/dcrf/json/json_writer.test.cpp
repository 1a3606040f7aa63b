#include "dcrf/json/json_writer.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace json_writer_tests {

using dcrf::json_writer;

namespace {

std::string text_of(std::string_view x) {
  std::string result;
  dcrf::append_json_string(result, x);
  return result;
}

std::string real_of(double x) {
  std::string result;
  dcrf::append_json_real(result, x);
  return result;
}

} // namespace

TEST_CASE("commas are set between values") {
  std::string out;
  json_writer writer{out};
  writer.begin_object().key("a").integer(std::int64_t{1}).key("b").begin_array();
  writer.null().boolean(true).boolean(false).text("x").raw("{}").begin_object().end_object();
  writer.begin_array().end_array().real(0.5).integer(std::uint64_t{2});
  writer.end_array().key("c").text("").end_object();
  CHECK(out == R"({"a":1,"b":[null,true,false,"x",{},{},[],0.5,2],"c":""})");
}

TEST_CASE("a value may be appended by hand") {
  std::string out;
  json_writer writer{out};
  writer.begin_array();
  writer.next() += "1";
  writer.next() += "2";
  writer.end_array();
  CHECK(out == "[1,2]");
}

TEST_CASE("integers are written in full") {
  std::string out;
  json_writer{out}
      .begin_array()
      .integer(std::numeric_limits<std::int64_t>::min())
      .integer(std::numeric_limits<std::uint64_t>::max())
      .end_array();
  CHECK(out == "[-9223372036854775808,18446744073709551615]");
}

TEST_CASE("what JSON wants escaped is escaped") {
  CHECK(text_of("plain") == R"("plain")");
  CHECK(text_of("\"\\/\b\f\n\r\t") == R"("\"\\/\b\f\n\r\t")");
  CHECK(text_of(std::string_view{"\0\x1f\x7f", 3}) == "\"\\u0000\\u001f\x7f\"");
  CHECK(text_of("\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80")
        == "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"");
  std::string out;
  json_writer{out}.begin_object().key("a\"b").null().end_object();
  CHECK(out == R"({"a\"b":null})");
}

TEST_CASE("each character is escaped or not, wherever it stands") {
  for (int c = 0; c < 0x80; ++c) {
    auto alone = text_of(std::string(1, static_cast<char>(c)));
    auto escaped = alone.substr(1, alone.size() - 2);
    bool is_escaped = c < 0x20 || c == '"' || c == '\\';
    CHECK((escaped.front() == '\\') == is_escaped);
    for (std::size_t before = 0; before < 20; ++before) {
      for (std::size_t after : {0, 1, 7, 8, 20}) {
        auto text = std::string(before, ' ') + static_cast<char>(c) + std::string(after, '\x7f');
        auto expected = '"' + std::string(before, ' ') + escaped + std::string(after, '\x7f') + '"';
        REQUIRE(text_of(text) == expected);
      }
    }
  }
}

TEST_CASE("what is no UTF-8 is replaced") {
  const std::string replaced = "\xef\xbf\xbd";
  CHECK(text_of("a\xff"
                "b")
        == "\"a" + replaced + "b\"");
  CHECK(text_of("\xc3") == '"' + replaced + '"');
  CHECK(text_of("\xc0\xaf") == '"' + replaced + replaced + '"');
  CHECK(text_of("\xe2\x82") == '"' + replaced + replaced + '"');
  CHECK(text_of("\xed\xa0\x80") == '"' + replaced + replaced + replaced + '"');
  CHECK(text_of("\xf4\x90\x80\x80") == '"' + replaced + replaced + replaced + replaced + '"');
  CHECK(text_of("\xf0\x9f\x98\"") == '"' + replaced + replaced + replaced + "\\\"\"");
}

TEST_CASE("real numbers stay real") {
  CHECK(real_of(1.0) == "1.0");
  CHECK(real_of(0.0) == "0.0");
  CHECK(real_of(-0.0) == "-0.0");
  CHECK(real_of(0.1) == "0.1");
  CHECK(real_of(-2.5) == "-2.5");
  CHECK(real_of(100000.0) == "100000.0");
  CHECK(real_of(1e15) == "1000000000000000.0");
  CHECK(real_of(1e16) == "1e+16");
  CHECK(real_of(1e22) == "1e+22");
  CHECK(real_of(0.0001) == "0.0001");
  CHECK(real_of(0.00001) == "1e-05");
  CHECK(real_of(5e-324) == "5e-324");
  CHECK(real_of(std::numeric_limits<double>::infinity()) == "null");
  CHECK(real_of(std::nan("")) == "null");
}

TEST_CASE("real numbers read back as they were") {
  std::mt19937_64 random{7};
  for (int i = 0; i < 10'000; ++i) {
    auto bits = random();
    double x;
    std::memcpy(&x, &bits, sizeof x);
    if (std::isfinite(x)) {
      CHECK(std::strtod(real_of(x).c_str(), nullptr) == x);
    }
    auto small = std::ldexp(static_cast<double>(bits >> 11), -static_cast<int>(bits & 63));
    CHECK(std::strtod(real_of(small).c_str(), nullptr) == small);
  }
  auto largest = std::numeric_limits<double>::max();
  CHECK(std::strtod(real_of(largest).c_str(), nullptr) == largest);
}

} // namespace json_writer_tests
