#include "dcrf/routing/route_pattern.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

namespace route_pattern_tests {

using dcrf::route_pattern;
using pairs = dcrf::scope::pairs;

namespace {

std::optional<pairs> match(std::string_view pattern, std::string_view path) {
  return route_pattern{pattern}.match(path);
}

const std::string uuid = "12345678-1234-5678-1234-567812345678";

} // namespace

TEST_CASE("a path without parameters matches itself only", "[route_pattern]") {
  CHECK(match("/", "/") == pairs{});
  CHECK(match("/ws/chat/", "/ws/chat/") == pairs{});
  for (const auto* path : {"/ws/chat", "/ws/chat//", "ws/chat/", "", "/", "/WS/chat/"}) {
    CAPTURE(path);
    CHECK_FALSE(match("/ws/chat/", path));
  }
}

TEST_CASE("parameters take what their converters allow", "[route_pattern]") {
  CHECK(match("/<name>/", "/lobby/") == pairs{{"name", "lobby"}});
  CHECK(match("/<str:name>/", "/\xc3\xbc .%/") == pairs{{"name", "\xc3\xbc .%"}});
  CHECK_FALSE(match("/<str:name>/", "//"));
  CHECK_FALSE(match("/<str:name>/", "/a/b/"));
  CHECK(match("/<int:n>/", "/0123456789/") == pairs{{"n", "0123456789"}});
  for (const auto* path : {"/-1/", "/1.0/", "/x/", "//", "/1x/", "/x1/"}) {
    CAPTURE(path);
    CHECK_FALSE(match("/<int:n>/", path));
  }
  CHECK(match("/<slug:s>/", "/aZ_09-/") == pairs{{"s", "aZ_09-"}});
  CHECK_FALSE(match("/<slug:s>/", "/a.b/"));
  CHECK(match("/<uuid:u>/", "/" + uuid + "/") == pairs{{"u", uuid}});
  CHECK_FALSE(match("/<uuid:u>/", "/12345678123456781234567812345678/"));
  CHECK_FALSE(match("/<uuid:u>/", "/ABCDEF78-1234-5678-1234-567812345678/"));
  CHECK_FALSE(match("/<uuid:u>/", "/" + uuid + "0/"));
  CHECK(match("/<path:p>", "/a/b//c") == pairs{{"p", "a/b//c"}});
  CHECK_FALSE(match("/<path:p>", "/"));
}

TEST_CASE("a pattern may have many parameters", "[route_pattern]") {
  CHECK(match("/ws/talk/<int:number>/<slug:name>/", "/ws/talk/7/lobby/")
        == pairs{{"number", "7"}, {"name", "lobby"}});
  CHECK(match("/<path:p>/edit/<int:n>", "/a/edit/b/edit/7")
        == pairs{{"p", "a/edit/b"}, {"n", "7"}});
  CHECK(match("/<uuid:u><int:n>", "/" + uuid + "42") == pairs{{"u", uuid}, {"n", "42"}});
}

TEST_CASE("a parameter gives back what the rest needs", "[route_pattern]") {
  CHECK(match("/<slug:a>-<slug:b>", "/x-y-z") == pairs{{"a", "x-y"}, {"b", "z"}});
  CHECK(match("/<int:a><int:b>", "/123") == pairs{{"a", "12"}, {"b", "3"}});
  CHECK_FALSE(match("/<int:a><int:b>", "/1"));
  CHECK(match("/<str:a>.json", "/x.json.json") == pairs{{"a", "x.json"}});
  CHECK(match("/<path:a>/<path:b>", "/1/2/3") == pairs{{"a", "1/2"}, {"b", "3"}});
}

TEST_CASE("a hostile path takes no longer than its length", "[route_pattern]") {
  // With backtracking these would take longer than anybody waits.
  std::string slashes(100'000, '/');
  std::string letters = '/' + std::string(100'000, 'a');
  CHECK_FALSE(match("/<path:a>/<path:b>/<path:c>/<path:d>/x", slashes));
  CHECK_FALSE(match("/<slug:a>a<slug:b>a<slug:c>a<slug:d>!", letters));
  CHECK_FALSE(match("/<str:a><str:b><str:c>/", letters));
  CHECK_FALSE(match("/<uuid:a>", letters));
  CHECK(match("/<str:a><str:b>", letters)->at(1).second == "a");
}

TEST_CASE("a malformed pattern is refused", "[route_pattern]") {
  for (const auto* pattern :
       {"", "ws/", "/<int:n", "/<float:x>/", "/<>/", "/<int:>/", "<int:n>/"}) {
    CAPTURE(pattern);
    CHECK_THROWS_AS(route_pattern{pattern}, std::invalid_argument);
  }
  CHECK(route_pattern{"/<int:n>/"}.text() == "/<int:n>/");
}

} // namespace route_pattern_tests
