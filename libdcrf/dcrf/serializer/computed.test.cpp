#include "dcrf/serializer/computed.hpp"

#include "dcrf/serializer/internal/test_models.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace serializer_test::computing {

namespace {

std::string shout(const comment& x) { return x.text + "!"; }
std::string asked_as(const comment& x, const dcrf::serializer_context& context) {
  return std::string{context.action} + std::to_string(x.user);
}
std::size_t length(const comment& x) noexcept { return x.text.size(); }

struct loud_comment : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<dcrf::computed<"shout", &shout>, dcrf::computed<"asked_as", &asked_as>,
                             dcrf::computed<"length", &length>>;
};

template <class T>
std::string result_text(const T& x) {
  std::string out;
  dcrf::json_writer writer{out};
  dcrf::write_result(writer, x);
  return out;
}

} // namespace

TEST_CASE("a computed field shows what a function makes of the row") {
  comment x{.id = 1, .text = "hi", .user = 7};
  CHECK(dcrf::to_json<loud_comment>(x, {.action = "list"}).str()
        == R"({"shout":"hi!","asked_as":"list7","length":2})");
}

TEST_CASE("whatever looks like JSON can be computed") {
  CHECK(result_text(true) == "true");
  CHECK(result_text(std::int8_t{-5}) == "-5");
  CHECK(result_text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(result_text(1.5f) == "1.5");
  CHECK(result_text(std::nan("")) == "null");
  CHECK(result_text("text") == R"("text")");
  CHECK(result_text(std::string_view{"a\"b"}) == R"("a\"b")");
  CHECK(result_text(kind::b) == R"("b")");
  CHECK(result_text(dcrf::decimal{5, 1}) == R"("0.5")");
  CHECK(result_text(*dcrf::date::parse("2024-02-29")) == R"("2024-02-29")");
  CHECK(result_text(dcrf::timestamp{}) == R"("1970-01-01T00:00:00Z")");
  CHECK(result_text(dcrf::json_text::parse("[1]")) == "[1]");
  CHECK(result_text(dcrf::json{{"a", nullptr}}) == R"({"a":null})");
}

TEST_CASE("optionals and lists of it can be computed too") {
  CHECK(result_text(std::optional<int>{}) == "null");
  CHECK(result_text(std::optional<std::string>{"x"}) == R"("x")");
  CHECK(result_text(std::vector<std::string>{"a", "b"}) == R"(["a","b"])");
  CHECK(result_text(std::vector<bool>{true, false}) == "[true,false]");
  CHECK(result_text(std::vector<std::vector<std::optional<int>>>{{}, {1, std::nullopt}})
        == "[[],[1,null]]");
}

} // namespace serializer_test::computing
