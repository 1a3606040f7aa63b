#include "dcrf/routing/internal/http_routes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace http_routes_tests {

namespace {

dcrf::http_handler answering(unsigned status) {
  return [status](dcrf::http_request&, const dcrf::runtime&) -> dcrf::task<dcrf::http_response> {
    dcrf::http_response result;
    result.status = status;
    co_return result;
  };
}

dcrf::http_routes some_routes() {
  dcrf::http_routes result;
  result.add("GET", "/items/<int:pk>/", answering(201));
  result.add("PATCH", "/items/<int:pk>/", answering(202));
  result.add("POST", "/items/", answering(203));
  result.add("HEAD", "/head/", answering(204));
  result.add("GET", "/head/", answering(205));
  result.add("OPTIONS", "/head/", answering(206));
  return result;
}

// The status that the handler found answers with; 0 if there is none.
unsigned handled(const dcrf::http_routes& routes, std::string_view method, std::string_view path) {
  auto found = routes.find(method, path);
  const auto* handler = std::get_if<dcrf::http_routes::found>(&found);
  if (handler == nullptr) {
    return 0;
  }
  // The handlers above use neither.
  dcrf::http_request request;
  struct nothing final : dcrf::context {
    void submit(dcrf::command, dcrf::ticket) override {}
    void sleep(std::chrono::milliseconds, dcrf::ticket) override {}
    void offload(std::function<void()>, dcrf::ticket) override {}
    void forget(dcrf::ticket) override {}
    dcrf::channel_layer& channels() override { throw std::logic_error("no channels"); }
    void abandon(std::uint64_t) override {}
    void log_failure(std::string_view, const std::exception_ptr&) override {}
    dcrf::frame_reader& reader() override { throw std::logic_error("no reader"); }
  } where;
  auto answer = (*handler->handler)(request, dcrf::runtime{where});
  answer.start();
  return answer.take().status;
}

dcrf::http_response refused(const dcrf::http_routes& routes, std::string_view method,
                            std::string_view path) {
  return std::get<dcrf::http_response>(routes.find(method, path));
}

std::string header(const dcrf::http_response& x, std::string_view name) {
  auto found = std::ranges::find(x.headers, name, [](const auto& pair) { return pair.first; });
  return found == x.headers.end() ? "none" : found->second;
}

} // namespace

TEST_CASE("a handler is found by method and path", "[http_routes]") {
  auto routes = some_routes();
  CHECK(handled(routes, "GET", "/items/7/") == 201);
  CHECK(handled(routes, "PATCH", "/items/7/") == 202);
  CHECK(handled(routes, "POST", "/items/") == 203);
  auto found = routes.find("GET", "/items/7/");
  CHECK(std::get<dcrf::http_routes::found>(found).parameters == dcrf::scope::pairs{{"pk", "7"}});
}

TEST_CASE("GET answers HEAD, unless a handler of its own does", "[http_routes]") {
  auto routes = some_routes();
  CHECK(handled(routes, "HEAD", "/items/7/") == 201);
  CHECK(handled(routes, "HEAD", "/head/") == 204);
  CHECK(handled(routes, "HEAD", "/items/") == 0);
}

TEST_CASE("an unknown path is 404", "[http_routes]") {
  auto routes = some_routes();
  for (const auto* path : {"/items", "/items/x/", "/"}) {
    auto answer = refused(routes, "GET", path);
    CHECK(answer.status == 404);
    CHECK(answer.body == R"({"detail":"Not found."})");
    CHECK(header(answer, "Content-Type") == "application/json");
  }
}

TEST_CASE("a method that a path does not have is 405, and tells which there are", "[http_routes]") {
  auto routes = some_routes();
  auto answer = refused(routes, "DELETE", "/items/7/");
  CHECK(answer.status == 405);
  CHECK(answer.body == R"({"detail":"Method \"DELETE\" not allowed."})");
  CHECK(header(answer, "Allow") == "GET, HEAD, OPTIONS, PATCH");
  CHECK(header(refused(routes, "GET", "/items/"), "Allow") == "OPTIONS, POST");
  CHECK(refused(routes, "get", "/items/7/").status == 405);
}

TEST_CASE("OPTIONS is answered with the methods there are", "[http_routes]") {
  auto routes = some_routes();
  auto answer = refused(routes, "OPTIONS", "/items/");
  CHECK(answer.status == 200);
  CHECK(answer.body.empty());
  CHECK(header(answer, "Allow") == "OPTIONS, POST");
  CHECK(handled(routes, "OPTIONS", "/head/") == 206);
  CHECK(header(refused(routes, "PUT", "/head/"), "Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a handler of all methods gets what no other one does", "[http_routes]") {
  auto routes = some_routes();
  routes.add("/view/", answering(207));
  routes.add("/items/", answering(208));
  for (const auto* method : {"GET", "HEAD", "OPTIONS", "TRACE"}) {
    CAPTURE(method);
    CHECK(handled(routes, method, "/view/") == 207);
    CHECK(handled(routes, method, "/items/") == 208);
  }
  CHECK(handled(routes, "POST", "/items/") == 203);
  CHECK(refused(routes, "GET", "/other/").status == 404);
}

TEST_CASE("a method of a path has one handler", "[http_routes]") {
  auto routes = some_routes();
  CHECK_THROWS_WITH(routes.add("GET", "/items/<int:pk>/", answering(207)),
                    "two handlers of GET /items/<int:pk>/");
  CHECK_THROWS_AS(routes.add("PUT", "/items/<int:id>/", answering(207)), std::invalid_argument);
  routes.add("/items/", answering(208));
  CHECK_THROWS_WITH(routes.add("/items/", answering(209)), "two routes of one path: /items/");
  CHECK(handled(routes, "GET", "/items/7/") == 201);
  CHECK(handled(routes, "TRACE", "/items/") == 208);
}

} // namespace http_routes_tests
