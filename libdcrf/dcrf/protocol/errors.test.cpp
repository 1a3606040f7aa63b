#include "dcrf/protocol/errors.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/serializer/validation_error.hpp"
#include "dcrf/store/command.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>

namespace errors_tests {

using dcrf::json;

namespace {

template <class Error>
std::string reported(const Error& error) {
  auto report = dcrf::report_of(std::make_exception_ptr(error));
  return std::to_string(report.status()) + ' ' + report.list().str();
}

template <class Error>
std::string body_of(const Error& error) {
  return dcrf::report_of(std::make_exception_ptr(error)).body().str();
}

dcrf::store_failure store_failure(dcrf::store_errc code, const std::string& text = "secret") {
  return dcrf::store_failure{code, text};
}

} // namespace

TEST_CASE("errors raised by name have the status and the text of DRF", "[errors]") {
  using namespace std::chrono_literals;
  CHECK(reported(dcrf::parse_error{}) == R"(400 ["Malformed request."])");
  CHECK(reported(dcrf::not_authenticated{})
        == R"(401 ["Authentication credentials were not provided."])");
  CHECK(reported(dcrf::authentication_failed{})
        == R"(401 ["Incorrect authentication credentials."])");
  CHECK(reported(dcrf::permission_denied{})
        == R"(403 ["You do not have permission to perform this action."])");
  CHECK(reported(dcrf::permission_denied{"Members only."}) == R"(403 ["Members only."])");
  CHECK(reported(dcrf::not_found{}) == R"(404 ["Not found."])");
  CHECK(reported(dcrf::object_not_found{}) == R"(404 ["Not found"])");
  CHECK(reported(dcrf::method_not_allowed{"TRACE"}) == R"(405 ["Method \"TRACE\" not allowed."])");
  CHECK(reported(dcrf::throttled{}) == R"(429 ["Request was throttled."])");
  CHECK(reported(dcrf::throttled{30s})
        == R"(429 ["Request was throttled. Expected available in 30 seconds."])");
  CHECK(reported(dcrf::throttled{1s})
        == R"(429 ["Request was throttled. Expected available in 1 second."])");
  CHECK(reported(dcrf::server_error{}) == R"(500 ["A server error occurred."])");
  CHECK(reported(dcrf::api_exception{418, "Short and stout."}) == R"(418 ["Short and stout."])");
}

TEST_CASE("validation errors are always a list", "[errors]") {
  using dcrf::validation_error;
  CHECK(reported(validation_error{"Bad value."}) == R"(400 ["Bad value."])");
  CHECK(reported(validation_error{std::vector<std::string>{"First.", "Second."}})
        == R"(400 ["First.","Second."])");
  CHECK(reported(validation_error{json::parse(R"({"address": {"street": ["Unknown."]}})")})
        == R"(400 [{"address":{"street":["Unknown."]}}])");
}

TEST_CASE("errors of the store are told as far as clients may know", "[errors]") {
  using dcrf::store_errc;
  CHECK(reported(store_failure(store_errc::not_found)) == R"(404 ["Not found"])");
  CHECK(reported(store_failure(store_errc::restricted, "It is in use."))
        == R"(400 ["It is in use."])");
  CHECK(reported(store_failure(store_errc::unavailable))
        == R"(503 ["Service temporarily unavailable, try again later."])");
  CHECK(reported(store_failure(store_errc::no_transaction))
        == R"(500 ["A server error occurred."])");
  CHECK(reported(store_failure(store_errc::failed)) == R"(500 ["A server error occurred."])");

  dcrf::store_error invalid{
      .code = store_errc::invalid,
      .errors = dcrf::field_errors{dcrf::json_text::parse(R"({"name":["Taken."]})")}};
  CHECK(reported(dcrf::store_failure{invalid}) == R"(400 [{"name":["Taken."]}])");
}

TEST_CASE("what is unexpected tells clients nothing", "[errors]") {
  CHECK(reported(std::runtime_error{"password=secret"}) == R"(500 ["A server error occurred."])");
  CHECK(reported(42) == R"(500 ["A server error occurred."])");
}

TEST_CASE("a text that is no JSON is the client's error", "[errors]") {
  auto report = dcrf::report_of(std::make_exception_ptr(dcrf::json_error{"no document"}));
  CHECK(report.status() == 400);
  CHECK(report.list().str() == R"(["no document"])");
}

TEST_CASE("over HTTP, errors are said as DRF's views say them", "[errors]") {
  using dcrf::store_errc;
  using dcrf::validation_error;
  CHECK(body_of(dcrf::parse_error{"Odd."}) == R"({"detail":"Odd."})");
  CHECK(body_of(dcrf::not_found{}) == R"({"detail":"Not found."})");
  CHECK(body_of(dcrf::object_not_found{}) == R"({"detail":"Not found."})");
  CHECK(body_of(validation_error{"name", "Too odd."}) == R"({"name":["Too odd."]})");
  CHECK(body_of(validation_error{"Bad."}) == R"(["Bad."])");
  CHECK(body_of(validation_error{std::vector<std::string>{"A.", "B."}}) == R"(["A.","B."])");
  CHECK(body_of(store_failure(store_errc::not_found)) == R"({"detail":"Not found."})");
  CHECK(body_of(store_failure(store_errc::restricted, "In use.")) == R"({"detail":"In use."})");
  dcrf::store_error invalid{
      .code = store_errc::invalid,
      .errors = dcrf::field_errors{dcrf::json_text::parse(R"({"name":["Taken."]})")}};
  CHECK(body_of(dcrf::store_failure{invalid}) == R"({"name":["Taken."]})");
  CHECK(body_of(std::runtime_error{"secret"}) == R"({"detail":"A server error occurred."})");
}

TEST_CASE("only what is unexpected is called so", "[errors]") {
  auto is_unexpected = [](const auto& error) {
    return dcrf::report_of(std::make_exception_ptr(error)).is_unexpected();
  };
  CHECK(is_unexpected(std::runtime_error{"secret"}));
  CHECK(is_unexpected(1));
  CHECK(is_unexpected(store_failure(dcrf::store_errc::failed)));
  CHECK_FALSE(is_unexpected(store_failure(dcrf::store_errc::unavailable)));
  CHECK_FALSE(is_unexpected(dcrf::server_error{}));
}

} // namespace errors_tests
