#include "dcrf/protocol/request.hpp"

#include "dcrf/protocol/errors.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace request_tests {

using dcrf::json;

namespace {

struct reading {
  dcrf::scope scope;
  dcrf::frame_reader reader;

  dcrf::request parsed(const std::string& frame) {
    dcrf::request result{scope, reader};
    result.parse(frame);
    return result;
  }
};

} // namespace

TEST_CASE("the request id is kept digit for digit", "[request]") {
  const auto* id = GENERATE("null", "0", "-1", "true", "false", "\"7\"", "\"\"", "7", "1.5",
                            "1e+22", "9223372036854775807", "-9223372036854775808",
                            "9223372036854775808", "18446744073709551615", "0.30000000000000004",
                            "1.0", "[]", "{}", R"([1,"1",1.0,null])",
                            R"({"b":[true],"a":{"c":18446744073709551615}})", R"("ü\n\"\\")");
  reading at;
  CHECK(at.parsed(std::string{R"({"action": "x", "request_id": )"} + id + "}").id() == id);
}

TEST_CASE("the last of repeated members of a request counts", "[request]") {
  reading at;
  auto x = at.parsed(R"({"action": "a", "request_id": 1, "pk": 1, "action": "b",
                         "request_id": "2", "pk": 2})");
  CHECK(x.action() == "b");
  CHECK(x.id() == R"("2")");
  CHECK(x.argument("pk")->int64() == 2);
  CHECK(x.arguments() == json{{"pk", 2}});
}

TEST_CASE("an action need not be a text", "[request]") {
  reading at;
  CHECK(at.parsed(R"({"action": 5})").action() == "5");
  CHECK(at.parsed(R"({"action": true})").action() == "True");
  CHECK(at.parsed(R"({"action": ["a"]})").action() == "['a']");
  CHECK(at.parsed(R"({"action": 5})").action_text() == "5");
  CHECK(at.parsed(R"({"action": ["a"]})").action_text() == R"(["a"])");
  CHECK(at.parsed(R"({"action": "a\"\u00fc"})").action() == "a\"\xc3\xbc");
  CHECK(at.parsed("{}").action().empty());
  CHECK(at.parsed("{}").action_text() == "null");
  CHECK(at.parsed("{}").id() == "null");
}

TEST_CASE("arguments are what is neither action nor request id", "[request]") {
  reading at;
  auto x = at.parsed(R"({"action": "a", "self": 1, "data": {"action": 2}, "request_id": 3})");
  CHECK(x.arguments() == json::parse(R"({"self": 1, "data": {"action": 2}})"));
  CHECK_FALSE(x.argument("pk"));
}

TEST_CASE("a frame that is no object is refused, and leaves an empty request", "[request]") {
  reading at;
  for (const auto* frame : {"[]", "1", "\"text\"", "null"}) {
    CAPTURE(frame);
    dcrf::request x{at.scope, at.reader};
    CHECK_THROWS_AS(x.parse(frame), dcrf::parse_error);
    CHECK(x.id() == "null");
    CHECK(x.arguments() == json::object());
  }
  for (const auto* frame : {"", "{", "{} {}", R"({"a": NaN})", "{\"a\": \"\xff\"}"}) {
    CAPTURE(frame);
    dcrf::request x{at.scope, at.reader};
    CHECK_THROWS_AS(x.parse(frame), dcrf::json_error);
    CHECK(x.arguments() == json::object());
  }
}

TEST_CASE("a request reads itself again when its thread has read something else", "[request]") {
  reading at;
  auto first = at.parsed(R"({"action": "a", "pk": 1, "name": "first"})");
  auto second = at.parsed(R"({"action": "b", "pk": 2, "name": "second"})");
  CHECK(first.argument("pk")->int64() == 1);
  CHECK(first.argument("name")->text() == "first");
  CHECK(second.argument("name")->text() == "second");
  CHECK_THROWS(at.reader.read("nonsense"));
  CHECK(first.arguments() == json{{"pk", 1}, {"name", "first"}});
}

TEST_CASE("a request is parsed once, however often it is asked", "[request]") {
  reading at;
  auto x = at.parsed(R"({"action": "a", "pk": 1})");
  auto read = at.reader.generation();
  CHECK(x.argument("pk"));
  CHECK(x.body().is_object());
  CHECK(x.arguments().size() == 1);
  CHECK(at.reader.generation() == read);
}

TEST_CASE("a request that no frame asked for is empty, also before any frame", "[request]") {
  reading at;
  dcrf::request x{at.scope, at.reader};
  CHECK(x.body().is_object());
  CHECK_FALSE(x.argument("pk"));
  CHECK(x.arguments() == json::object());
}

} // namespace request_tests
