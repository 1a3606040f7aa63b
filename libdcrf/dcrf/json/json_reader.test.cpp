#include "dcrf/json/json_reader.hpp"

#include "dcrf/json/json_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace json_reader_tests {

using dcrf::json_reader;
using dcrf::json_type;
using dcrf::json_view;

namespace {

std::string brackets(std::size_t depth) {
  return std::string(depth, '[') + '1' + std::string(depth, ']');
}

} // namespace

TEST_CASE("each type of JSON is read") {
  json_reader reader;
  CHECK(reader.read("null").is_null());
  CHECK(reader.read("true").boolean());
  CHECK_FALSE(reader.read("false").boolean());
  CHECK(reader.read(" 7 ").int64() == 7);
  CHECK(reader.read("1.0").type() == json_type::real);
  CHECK(reader.read("1.0").real() == 1.0);
  CHECK(reader.read("1e5").type() == json_type::real);
  CHECK(reader.read("\"text\"").text() == "text");
  CHECK(reader.read("[]").type() == json_type::array);
  CHECK(reader.read("{}").is_object());
}

TEST_CASE("types have the names that Python gives them") {
  json_reader reader;
  std::vector<std::pair<std::string, std::string>> names{
      {"null", "NoneType"}, {"true", "bool"}, {"1", "int"},   {"18446744073709551615", "int"},
      {"1.5", "float"},     {"\"\"", "str"},  {"[]", "list"}, {"{}", "dict"}};
  for (const auto& [text, name] : names) {
    CHECK(dcrf::python_name(reader.read(text).type()) == name);
  }
}

TEST_CASE("integers are exact to 64 bits") {
  json_reader reader;
  CHECK(reader.read("9223372036854775807").int64() == INT64_MAX);
  CHECK(reader.read("-9223372036854775808").int64() == INT64_MIN);
  auto wide = reader.read("18446744073709551615");
  REQUIRE(wide.type() == json_type::uint64);
  CHECK(wide.uint64() == UINT64_MAX);
  CHECK(reader.read("9007199254740993").int64() == 9007199254740993);
}

TEST_CASE("numbers beyond 64 bits are doubles") {
  json_reader reader;
  auto view = reader.read(
      R"({"a": 18446744073709551616, "b": -9223372036854775809, "c": "18446744073709551616\"",)"
      R"( "d": [123456789012345678901234567890], "e": 7})");
  REQUIRE(view.find("a")->type() == json_type::real);
  CHECK(view.find("a")->real() == 18446744073709551616.0);
  CHECK(view.find("b")->real() == -9223372036854775809.0);
  CHECK(view.find("c")->text() == "18446744073709551616\"");
  CHECK(view.find("e")->int64() == 7);
  CHECK(view.find("d")->to_text() == "[1.2345678901234568e+29]");
}

TEST_CASE("a number beyond a double is refused") {
  json_reader reader;
  CHECK_THROWS_AS(reader.read("1e400"), dcrf::json_error);
  CHECK_THROWS_AS(reader.read(std::string(400, '9')), dcrf::json_error);
}

TEST_CASE("the last of repeated members counts") {
  json_reader reader;
  auto view = reader.read(R"({"action": "a", "x": 1, "action": "b"})");
  CHECK(view.find("action")->text() == "b");
  CHECK_FALSE(view.find("nothing"));
  CHECK(view.to_json() == dcrf::json{{"action", "b"}, {"x", 1}});
}

TEST_CASE("members and elements are visited in their order") {
  json_reader reader;
  auto view = reader.read(R"({"b": [1, "x", null], "a": 2})");
  std::string names;
  view.each_member([&](std::string_view name, json_view) { names += name; });
  CHECK(names == "ba");
  std::size_t elements = 0;
  view.find("b")->each_element([&](json_view) { ++elements; });
  CHECK(elements == 3);
  CHECK(view.size() == 2);
  CHECK(view.find("b")->size() == 3);
  CHECK(view.find("a")->size() == 0);
  view.find("a")->each_element([](json_view) { FAIL("a number has no elements"); });
  CHECK_FALSE(view.find("a")->find("x"));
}

TEST_CASE("texts are unescaped") {
  json_reader reader;
  CHECK(reader.read(R"("\ud83d\ude00\n\u0041")").text() == "\xf0\x9f\x98\x80\nA");
  CHECK(reader.read(R"("a\u0000b")").text() == std::string_view{"a\0b", 3});
  CHECK(reader.read(R"({"\u0061ction": 1})").find("action"));
}

TEST_CASE("what is no JSON is refused") {
  json_reader reader;
  for (const auto* text : {"",
                           "  ",
                           "{",
                           "}",
                           "{\"a\":1} x",
                           "{\"a\":1}}",
                           "{\"a\":1},{\"b\":2}",
                           "{\"a\":NaN}",
                           "Infinity",
                           "{\"a\":1",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":[1,,2]}",
                           "{\"a\":tru}",
                           "{\"a\":01}",
                           "{\"a\":1.}",
                           "{\"a\":+1}",
                           "{\"a\":\"x\ny\"}",
                           "{\"a\":\"\\q\"}",
                           "{\"a\":1,}",
                           "[1,]",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":[1,2},\"b\":3}",
                           "\"\xff\"",
                           "\"\xc0\xaf\"",
                           "\"\xed\xa0\x80\"",
                           "{\"\xff\":1}",
                           "nul",
                           "// x\n1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(reader.read(text), dcrf::json_error);
  }
  CHECK(reader.read("1").int64() == 1);
}

TEST_CASE("a lone surrogate never becomes a text that is no UTF-8") {
  json_reader reader;
  for (const auto* text : {R"("\ud800")", R"("\ud800x")", R"("\udc00")", R"("\ud800\u0041")"}) {
    CAPTURE(text);
    try {
      auto out = reader.read(text).to_text();
      CHECK_NOTHROW(reader.read(out));
    } catch (const dcrf::json_error&) {
      SUCCEED("refused");
    }
  }
}

TEST_CASE("the depth is bounded") {
  json_reader reader;
  CHECK_NOTHROW(reader.read(brackets(1000)));
  CHECK_THROWS_WITH(reader.read(brackets(1001)), "JSON is nested too deep.");
  CHECK_THROWS_AS(reader.read(brackets(100'000)), dcrf::json_error);
  CHECK_THROWS_AS(reader.read(std::string(100'000, '[')), dcrf::json_error);
  auto objects = [](int depth) {
    std::string result = "1";
    for (int i = 0; i < depth; ++i) {
      result = "{\"a\":" + result + "}";
    }
    return result;
  };
  CHECK_NOTHROW(reader.read(objects(1000)));
  CHECK_THROWS_AS(reader.read(objects(1001)), dcrf::json_error);
  json_reader flat{2};
  CHECK_NOTHROW(flat.read("[[1]]"));
  CHECK_NOTHROW(flat.read("[[[]]]"));
  CHECK_THROWS_AS(flat.read("[[[1]]]"), dcrf::json_error);
}

TEST_CASE("documents of any length are read") {
  json_reader reader;
  std::string text = "[";
  for (int i = 0; i < 100'000; ++i) {
    text += "1,";
  }
  text += "1]";
  CHECK(reader.read(text).size() == 100'001);
  CHECK(reader.read("[1]").size() == 1);
}

TEST_CASE("a view is written and built as it was") {
  json_reader reader;
  auto view = reader.read(R"( { "a" : [ 1 , -2.5 , "x\ty" , null , true ] , "b" : { } } )");
  CHECK(view.to_text() == R"({"a":[1,-2.5,"x\ty",null,true],"b":{}})");
  CHECK(view.to_json() == dcrf::json::parse(view.to_text()));
  std::string out = "x=";
  view.find("b")->append_to(out);
  CHECK(out == "x={}");
}

TEST_CASE("a text is checked when it becomes JSON text") {
  CHECK(dcrf::json_text::parse(" [1, 2] ").str() == "[1,2]");
  CHECK_THROWS_AS(dcrf::json_text::parse("[1"), dcrf::json_error);
  CHECK_THROWS_AS(dcrf::json_text::parse(brackets(1001)), dcrf::json_error);
  CHECK(dcrf::json_text{}.is_null());
  CHECK(dcrf::json_text{dcrf::json{{"a", 1}}}.str() == R"({"a":1})");
  CHECK(dcrf::json_text{dcrf::json("\xff")}.str() == "\"\xef\xbf\xbd\"");
  CHECK(dcrf::json_text::parse("[1]").to_json() == dcrf::json::array({1}));
}

TEST_CASE("long and short documents come in any order", "[json_reader]") {
  dcrf::json_reader reader;
  auto of_length = [](std::size_t length) { return '"' + std::string(length, 'x') + '"'; };
  for (std::size_t length : {10U, 300000U, 20U, 70000U, 65536U, 5U, 500000U, 499999U, 1U}) {
    CHECK(reader.read(of_length(length)).text().size() == length);
  }
}

TEST_CASE("a reader gives back what a long document took, once", "[json_reader]") {
  json_reader reader;
  reader.read("[1]");
  CHECK_FALSE(reader.give_back());
  reader.read('[' + std::string(100'000, ' ') + ']');
  CHECK(reader.give_back());
  CHECK_FALSE(reader.give_back());
  CHECK(reader.read("[2]").to_text() == "[2]");
}

} // namespace json_reader_tests
