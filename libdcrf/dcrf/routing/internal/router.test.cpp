#include "dcrf/routing/internal/router.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace router_tests {

TEST_CASE("the first route that matches counts", "[router]") {
  dcrf::router<std::string> routes;
  const auto& first = routes.add("/a/", "first");
  routes.add("/<slug:name>/", "second");
  routes.add("/b/", "third");
  for (int i = 0; i < 100; ++i) {
    routes.add("/other/" + std::to_string(i), "other");
  }

  auto a = routes.find("/a/");
  REQUIRE(a);
  CHECK(a->endpoint == &first);
  CHECK(a->parameters.empty());
  auto b = routes.find("/b/");
  REQUIRE(b);
  CHECK(*b->endpoint == "second");
  CHECK(b->parameters == dcrf::scope::pairs{{"name", "b"}});
  CHECK_FALSE(routes.find("/c.d/"));
  CHECK_FALSE(routes.find(""));
}

TEST_CASE("a malformed pattern is not added", "[router]") {
  dcrf::router<int> routes;
  CHECK_THROWS_AS(routes.add("a", 1), std::invalid_argument);
  CHECK_FALSE(routes.find("a"));
}

TEST_CASE("two routes of one path are refused, whatever their parameters are called", "[router]") {
  dcrf::router<int> routes;
  routes.add("/a/<int:pk>/", 1);
  routes.add("/a/<slug:pk>/", 2);
  routes.add("/b/", 3);
  CHECK_THROWS_WITH(routes.add("/a/<int:id>/", 4),
                    "two routes of one path: /a/<int:pk>/ and /a/<int:id>/");
  CHECK_THROWS_AS(routes.add("/b/", 4), std::invalid_argument);
  CHECK(*routes.find("/b/")->endpoint == 3);
}

} // namespace router_tests
