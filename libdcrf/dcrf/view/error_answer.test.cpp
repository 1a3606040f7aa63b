#include "dcrf/view/error_answer.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/validation_error.hpp"
#include "dcrf/store/command.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace {

template <class Error>
std::string answered(const Error& error) {
  auto answer = dcrf::error_answer(std::make_exception_ptr(error));
  return answer ? std::to_string(answer->status()) + ' ' + answer->body() : "nothing";
}

} // namespace

TEST_CASE("a view answers what DRF answers to its exceptions", "[error_answer]") {
  CHECK(answered(dcrf::parse_error{"Odd."}) == R"(400 {"detail":"Odd."})");
  CHECK(answered(dcrf::api_exception{418, "Short and stout."})
        == R"(418 {"detail":"Short and stout."})");
  CHECK(answered(dcrf::not_found{}) == R"(404 {"detail":"Not found."})");
  CHECK(answered(dcrf::object_not_found{}) == R"(404 {"detail":"Not found."})");
}

TEST_CASE("errors of fields are an object, others a list", "[error_answer]") {
  using dcrf::validation_error;
  CHECK(answered(validation_error{"name", "Too odd."}) == R"(400 {"name":["Too odd."]})");
  CHECK(answered(validation_error{"Bad."}) == R"(400 ["Bad."])");
  CHECK(answered(validation_error{std::vector<std::string>{"A.", "B."}}) == R"(400 ["A.","B."])");
}

TEST_CASE("what the store refuses is answered, its failures are not", "[error_answer]") {
  using dcrf::store_errc;
  using dcrf::store_failure;
  CHECK(answered(store_failure{store_errc::not_found, "x"}) == R"(404 {"detail":"Not found."})");
  CHECK(answered(store_failure{store_errc::restricted, "In use."})
        == R"(400 {"detail":"In use."})");
  dcrf::store_error invalid;
  invalid.code = store_errc::invalid;
  invalid.errors = dcrf::json_text::trusted(R"({"name":["Taken."]})");
  CHECK(answered(store_failure{invalid}) == R"(400 {"name":["Taken."]})");
  CHECK(answered(store_failure{store_errc::unavailable, "x"}).starts_with("503 "));
  CHECK(answered(store_failure{store_errc::failed, "secret"}) == "nothing");
}

TEST_CASE("what is unexpected is not answered", "[error_answer]") {
  CHECK(answered(std::runtime_error{"secret"}) == "nothing");
  CHECK(answered(1) == "nothing");
}
