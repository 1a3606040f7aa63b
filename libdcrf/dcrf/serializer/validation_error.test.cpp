#include "dcrf/serializer/validation_error.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace validation_error_tests {

using dcrf::json;
using dcrf::validation_error;

TEST_CASE("errors of a reply are a list, whatever they are made from") {
  CHECK(validation_error("Bad value.").errors().str() == R"(["Bad value."])");
  CHECK(validation_error(std::vector<std::string>{"First.", "Second."}).errors().str()
        == R"(["First.","Second."])");
  CHECK(validation_error("name", "Too odd.").errors().str() == R"([{"name":["Too odd."]}])");
  CHECK(validation_error(json{{"address", {{"street", {"Unknown street."}}}}}).errors().str()
        == R"([{"address":{"street":["Unknown street."]}}])");
  CHECK(validation_error(json("Bad value.")).errors().str() == R"(["Bad value."])");
  CHECK(validation_error(json{"First.", "Second."}).errors().str() == R"(["First.","Second."])");
  CHECK(validation_error(dcrf::json_text::parse(R"({"a": ["b"]})")).errors().str()
        == R"([{"a":["b"]}])");
  CHECK(validation_error("a \"quote\"").errors().str() == R"(["a \"quote\""])");
}

TEST_CASE("a serializer reports errors by field") {
  CHECK(validation_error("Bad.").by_field().to_json_text().str()
        == R"({"non_field_errors":["Bad."]})");
  CHECK(validation_error("name", "Odd.").by_field().to_json_text().str() == R"({"name":["Odd."]})");
  CHECK(validation_error(json{{"name", "Odd."}, {"size", {"Big.", "Round."}}})
            .by_field()
            .to_json_text()
            .str()
        == R"({"name":["Odd."],"size":["Big.","Round."]})");
}

TEST_CASE("the errors of one field are a list, or an object of its members") {
  CHECK(validation_error("Bad.").details().of_field().to_json_text().str() == R"(["Bad."])");
  CHECK(validation_error("street", "Unknown.").details().of_field().to_json_text().str()
        == R"({"street":["Unknown."]})");
}

TEST_CASE("the text of the exception says something") {
  CHECK(std::string{validation_error("Bad value.").what()} == "Bad value.");
  CHECK(std::string{validation_error("name", "Odd.").what()} == R"({"name":["Odd."]})");
}

} // namespace validation_error_tests
