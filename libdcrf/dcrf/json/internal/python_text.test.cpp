#include "dcrf/json/internal/python_text.hpp"

#include "dcrf/json/json_reader.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace python_text_tests {

namespace {

std::string shown(const std::string& text) {
  dcrf::json_reader reader;
  return dcrf::python_text(reader.read(text));
}

} // namespace

TEST_CASE("values are shown as Python shows them", "[python_text]") {
  CHECK(shown("null") == "None");
  CHECK(shown("true") == "True");
  CHECK(shown("false") == "False");
  CHECK(shown("-5") == "-5");
  CHECK(shown("18446744073709551615") == "18446744073709551615");
  CHECK(shown("1.0") == "1.0");
  CHECK(shown("1e2") == "100.0");
  CHECK(shown("[]") == "[]");
  CHECK(shown("{}") == "{}");
  CHECK(shown(R"([1,true,null,1.5,{"a":[{}]}])") == "[1, True, None, 1.5, {'a': [{}]}]");
}

TEST_CASE("texts are quoted only within others", "[python_text]") {
  CHECK(shown(R"("it's \"")") == "it's \"");
  CHECK(shown(R"(["a"])") == "['a']");
  CHECK(shown(R"(["it's"])") == R"(["it's"])");
  CHECK(shown(R"(["it's \"so\""])") == R"(['it\'s "so"'])");
  CHECK(shown(R"(["\\\n\r\t\u0001\u007fü"])") == R"(['\\\n\r\t\x01\x7fü'])");
}

} // namespace python_text_tests
