#include "dcrf/serializer/clean.hpp"

#include "dcrf/serializer/internal/test_models.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <catch2/catch.hpp>

namespace clean_tests {

using serializer_test::gadget;
using serializer_test::message;
using serializer_test::sample;
using serializer_test::user;

namespace {

template <class T>
std::string errors_of(T x) {
  try {
    dcrf::full_clean(x);
  } catch (const dcrf::validation_error& error) {
    return error.errors().str();
  }
  return "none";
}

sample good_sample() {
  sample result;
  result.name = "s";
  result.big = std::numeric_limits<std::int64_t>::min();
  result.ratio = 0.1;
  result.price = dcrf::decimal::parse("123456.78");
  result.at = *dcrf::timestamp::parse("2024-01-02T03:04:05.000006Z");
  result.day = *dcrf::date::parse("2024-02-29");
  result.uid = *dcrf::uuid::parse("12345678123456781234567812345678");
  result.extra = dcrf::json_text::trusted(R"({"b":[1.0,null]})");
  return result;
}

} // namespace

TEST_CASE("a clean row stays as it is", "[clean]") {
  auto x = good_sample();
  dcrf::full_clean(x);
  auto same = good_sample();
  CHECK(dcrf::to_record(x) == dcrf::to_record(same));
}

TEST_CASE("texts are trimmed", "[clean]") {
  user x{.id = 7, .username = "  ann\t", .email = "ann@example.com ", .password = "p"};
  dcrf::full_clean(x);
  CHECK(x.id == 7);
  CHECK(x.username == "ann");
  CHECK(x.email == "ann@example.com");
}

TEST_CASE("all that is wrong with a row is told at once", "[clean]") {
  user x{.username = std::string(31, 'x'), .email = "nobody", .password = "  "};
  CHECK(errors_of(x)
        == R"([{"username":["Ensure this field has no more than 30 characters."],)"
           R"("email":["Enter a valid email address."],)"
           R"("password":["This field may not be blank."]}])");
}

TEST_CASE("a row that is wrong is left alone", "[clean]") {
  user x{.username = " ann ", .email = "nobody", .password = "p"};
  CHECK_THROWS_AS(dcrf::full_clean(x), dcrf::validation_error);
  CHECK(x.username == " ann ");
}

TEST_CASE("limits of numbers are checked", "[clean]") {
  auto x = good_sample();
  x.count = 101;
  CHECK(errors_of(x) == R"([{"count":["Ensure this value is less than or equal to 100."]}])");
  x.count = -11;
  CHECK(errors_of(x) == R"([{"count":["Ensure this value is greater than or equal to -10."]}])");
  x.count = 0;
  x.price = dcrf::decimal::parse("1234567");
  CHECK(
      errors_of(x)
      == R"([{"price":["Ensure that there are no more than 6 digits before the decimal point."]}])");
}

TEST_CASE("what may be empty or null is no error", "[clean]") {
  sample x;
  x.name = "s";
  CHECK(errors_of(x) == "none");
  gadget lamp{.name = "lamp", .description = ""};
  CHECK(errors_of(lamp) == "none");
}

TEST_CASE("keys and automatic times are left alone", "[clean]") {
  message x{.room = 1, .text = " t ", .user = 1};
  auto created = x.created_at;
  dcrf::full_clean(x);
  CHECK(x.id == 0);
  CHECK(x.created_at == created);
  CHECK(x.text == "t");
  // A text key is no input either.
  gadget nameless;
  CHECK(errors_of(nameless) == "none");
}

} // namespace clean_tests
