#include "client/output.hpp"

#include <catch2/catch.hpp>

namespace output_tests {

using client::layout;
using client::printable;

TEST_CASE("frames are printed as they came, in one line") {
  CHECK(layout(R"({"a": 1.50})", false) == R"({"a": 1.50})");
  CHECK(layout("{\n  \"b\": 1,\n  \"a\": 2\n}", false) == R"({"b":1,"a":2})");
  CHECK(layout("no JSON\n", false) == "no JSON\n");
}

TEST_CASE("pretty frames have a line for each member, in their order") {
  CHECK(layout(R"({"b":[1],"a":null})", true) == "{\n  \"b\": [\n    1\n  ],\n  \"a\": null\n}");
  CHECK(layout("hello", true) == "hello");
}

TEST_CASE("a server can't send commands to the terminal") {
  CHECK(printable("\x1b[2Jred") == "\\u001b[2Jred");
  CHECK(printable("a\r\x7f") == "a\\u000d\\u007f");
  CHECK(printable("\xc2\x9b\x32J") == "\\u009b2J");
  CHECK(printable("Grüße, 你好\n\t\"x\"") == "Grüße, 你好\n\t\"x\"");
}

} // namespace output_tests
