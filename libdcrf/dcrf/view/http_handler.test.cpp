#include "dcrf/view/http_handler.hpp"

#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace http_handler_tests {

using dcrf::http_request;
using dcrf::http_response;
using dcrf::task;

namespace {

template <class Error>
http_response answer_to(const Error& error) {
  return dcrf::http_response_of(std::make_exception_ptr(error));
}

struct bench {
  http_response ask(const dcrf::http_handler& handler,
                    const dcrf::authenticator& authenticate = nullptr) {
    return server.run(dcrf::handle_http(request, server.runtime(), authenticate, handler));
  }

  dcrf::test_server server{consumer_test::all_models()};
  http_request request;
};

} // namespace

TEST_CASE("exceptions become answers", "[http_handler]") {
  auto missing = answer_to(dcrf::not_found{});
  CHECK(missing.status == 404);
  CHECK(missing.body == R"({"detail":"Not found."})");
  CHECK(missing.headers == dcrf::scope::pairs{{"Content-Type", "application/json"}});
  CHECK(answer_to(dcrf::not_authenticated{}).status == 401);

  auto unexpected = answer_to(std::runtime_error{"secret"});
  CHECK(unexpected.status == 500);
  CHECK(unexpected.body == R"({"detail":"A server error occurred."})");
}

TEST_CASE("validation errors are the body", "[http_handler]") {
  auto by_field = answer_to(dcrf::validation_error{"name", "Too odd."});
  CHECK(by_field.status == 400);
  CHECK(by_field.body == R"({"name":["Too odd."]})");
  CHECK(answer_to(dcrf::validation_error{"Bad."}).body == R"(["Bad."])");
  CHECK(answer_to(dcrf::validation_error{std::vector<std::string>{"A.", "B."}}).body
        == R"(["A.","B."])");
}

TEST_CASE("a handler answers, and may await", "[http_handler]") {
  bench x;
  x.request.body = "hello";
  auto answer = x.ask([](http_request& req, const dcrf::runtime& within) -> task<http_response> {
    auto count = co_await within.repository<consumer_test::author>().count({});
    co_return http_response::with(201, "text/plain", req.body + std::to_string(count));
  });
  CHECK(answer.status == 201);
  CHECK(answer.body == "hello0");
}

TEST_CASE("a handler that fails is answered for", "[http_handler]") {
  bench x;
  auto late = x.ask([](http_request&, const dcrf::runtime& within) -> task<http_response> {
    co_await within.sleep(std::chrono::hours{1});
    throw dcrf::permission_denied();
  });
  CHECK(late.status == 403);
  auto at_once = x.ask([](http_request&, const dcrf::runtime&) -> task<http_response> {
    throw std::runtime_error("not even a coroutine");
  });
  CHECK(at_once.status == 500);
}

TEST_CASE("an authenticator says who asks, or refuses", "[http_handler]") {
  bench x;
  dcrf::http_handler whoami = [](http_request& req, const dcrf::runtime&) -> task<http_response> {
    co_return http_response::with(200, "text/plain", req.scope.user.username);
  };
  CHECK(x.ask(whoami,
              [](const dcrf::scope&, const dcrf::runtime&) -> task<dcrf::user_info> {
                co_return consumer_test::user(1, "ann");
              })
            .body
        == "ann");
  CHECK(x.ask(whoami,
              [](const dcrf::scope&, const dcrf::runtime&) -> task<dcrf::user_info> {
                throw dcrf::authentication_failed();
                co_return dcrf::user_info{};
              })
            .status
        == 401);
}

TEST_CASE("answers are made in one line", "[http_handler]") {
  auto moved = http_response::redirect("/login?next=%2F");
  CHECK(moved.status == 303);
  CHECK(moved.headers == dcrf::scope::pairs{{"Location", "/login?next=%2F"}});
  CHECK(http_response::detail(400, "a \"quote\"").body == R"({"detail":"a \"quote\""})");
}

} // namespace http_handler_tests
