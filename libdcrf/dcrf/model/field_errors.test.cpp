#include "dcrf/model/field_errors.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace field_errors_tests {

using dcrf::field_errors;
using dcrf::json_text;

namespace {

field_errors read(std::string_view text) { return field_errors{json_text::parse(text)}; }

std::string shown(const field_errors& x) { return x.to_json_text().str(); }

} // namespace

TEST_CASE("errors are a list of texts, or an object by field", "[errors]") {
  field_errors x;
  CHECK(x.empty());
  CHECK(shown(x) == "{}");
  x.add("Odd.");
  x.add("Too \"odd\".");
  CHECK_FALSE(x.empty());
  CHECK(shown(x) == R"(["Odd.","Too \"odd\"."])");

  field_errors fields;
  fields.add("b", "Odd.");
  fields.add("a", "First.");
  fields.add("b", "Even odder.");
  CHECK(shown(fields) == R"({"b":["Odd.","Even odder."],"a":["First."]})");
  CHECK(fields.has("a"));
  CHECK_FALSE(fields.has("c"));
}

TEST_CASE("errors of fields may be nested", "[errors]") {
  field_errors address;
  address.add("street", "Unknown.");
  field_errors x;
  x.set("name", {});
  CHECK(x.empty());
  x.set("address", address);
  CHECK(shown(x) == R"({"address":{"street":["Unknown."]}})");
  CHECK(shown(field_errors::of_elements({{}, x, {}})) == "[{}," + shown(x) + ",{}]");
}

TEST_CASE("a text tells nothing where fields within are wrong", "[errors]") {
  field_errors x;
  x.add("street", "Unknown.");
  x.add("Odd.");
  CHECK(shown(x) == R"({"street":["Unknown."]})");
}

TEST_CASE("errors of the same value are merged", "[errors]") {
  auto merged = [](std::string_view a, std::string_view b) {
    auto result = read(a);
    result.merge(read(b));
    return shown(result);
  };
  CHECK(merged("{}", R"(["b"])") == R"(["b"])");
  CHECK(merged(R"(["a"])", "{}") == R"(["a"])");
  CHECK(merged(R"(["a"])", R"(["b"])") == R"(["a","b"])");
  CHECK(merged(R"({"x":["a"]})", R"({"y":["b"],"x":["c"]})") == R"({"x":["a","c"],"y":["b"]})");
  CHECK(merged(R"(["a"])", R"({"x":["b"]})") == R"({"x":["b"]})");
  CHECK(merged(R"({"x":["a"]})", R"(["b"])") == R"({"x":["a"]})");
}

TEST_CASE("what an application gives stays as it is", "[errors]") {
  for (std::string text : {R"("Odd.")", R"(["Odd."])", "[]", "{}", R"({"a":"Odd."})", "7",
                           R"([{"a":["b"]},{},7,null])", R"({"a":{"b":[{"c":["d"]}]},"e":1.5})"}) {
    CHECK(shown(read(text)) == text);
    CHECK(read(text) == read(text));
  }
  CHECK_FALSE(read(R"(["a"])") == read(R"(["b"])"));
  CHECK_FALSE(read(R"({"a":["x"]})") == read(R"({"b":["x"]})"));
}

TEST_CASE("errors have the shape that is asked for", "[errors]") {
  auto shapes = [](std::string_view text) {
    auto x = read(text);
    return shown(x.as_list()) + ' ' + shown(x.by_field()) + ' ' + shown(x.of_field());
  };
  CHECK(shapes(R"(["a"])") == R"(["a"] {"non_field_errors":["a"]} ["a"])");
  CHECK(shapes(R"("a")") == R"(["a"] {"non_field_errors":["a"]} ["a"])");
  CHECK(shapes(R"({"x":["a"]})") == R"([{"x":["a"]}] {"x":["a"]} {"x":["a"]})");
  CHECK(shapes(R"([{"x":["a"]}])") == R"([{"x":["a"]}] {"x":["a"]} {"x":["a"]})");
  CHECK(shapes(R"({"x":"a"})") == R"([{"x":"a"}] {"x":["a"]} {"x":"a"})");
  CHECK(shapes(R"([{"x":["a"]},"b"])")
        == R"([{"x":["a"]},"b"] {"non_field_errors":[{"x":["a"]},"b"]} [{"x":["a"]},"b"])");
  CHECK(shapes("[]") == R"([] {"non_field_errors":[]} [])");
}

} // namespace field_errors_tests
