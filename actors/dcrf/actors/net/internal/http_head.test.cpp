#include "dcrf/actors/net/internal/http_head.hpp"

#include <catch2/catch.hpp>

namespace http_head_tests {

using namespace dcrf::internal;

TEST_CASE("a request target is split and decoded", "[http_head]") {
  auto [target, path, query] = GENERATE(table<std::string, std::string, std::string>({
      {"/", "/", ""},
      {"/ws/chat/", "/ws/chat/", ""},
      {"/a%20b%2Fc?q=%41", "/a b/c", "q=%41"},
      {"/?", "/", ""},
      {"/a?b?c", "/a", "b?c"},
      {"/%C3%a9", "/\xc3\xa9", ""},
      {"http://example.org/a?b", "/a", "b"},
      {"HTTP://example.org", "/", ""},
  }));
  auto parsed = parse_target(target);
  REQUIRE(parsed);
  CHECK(parsed->path == path);
  CHECK(parsed->query == query);
}

TEST_CASE("a malformed request target is none", "[http_head]") {
  auto target = GENERATE("", "a", "*", "?q", "/%", "/%4", "/%4g", "/%zz", "/%00", "example.org:80");
  CHECK_FALSE(parse_target(target));
}

TEST_CASE("the transport adds its own headers, and only once", "[http_head]") {
  dcrf::http_response response;
  response.status = 201;
  response.headers = {{"X-One", "1"}, {"Content-Length", "99"}, {"server", "other"}};
  response.body = "abc";
  auto head = response_head(response, {});
  CHECK(head.starts_with("HTTP/1.1 201 Created\r\nServer: dcrf\r\nDate: "));
  CHECK_THAT(head, Catch::Contains("X-One: 1\r\n"));
  CHECK_THAT(head, Catch::Contains("Content-Length: 3\r\n"));
  CHECK_THAT(head, !Catch::Contains("99") && !Catch::Contains("other"));
  CHECK(head.ends_with("Connection: keep-alive\r\n\r\n"));
  CHECK_THAT(response_head(response, {.keep_alive = false}),
             Catch::EndsWith("Connection: close\r\n\r\n"));
}

TEST_CASE("a header that would break the head is left out", "[http_head]") {
  dcrf::http_response response;
  response.headers = {{"Location", "/a\r\nSet-Cookie: x=1"},
                      {"Bad Name", "x"},
                      {"", "x"},
                      {"X-Good", "tab\tand \xc3\xa9"}};
  auto head = response_head(response, {});
  CHECK_THAT(head, !Catch::Contains("Set-Cookie") && !Catch::Contains("Bad Name"));
  CHECK_THAT(head, Catch::Contains("X-Good: tab\tand \xc3\xa9\r\n"));
}

TEST_CASE("a response without a body has no length", "[http_head]") {
  dcrf::http_response response;
  response.status = 204;
  CHECK_THAT(response_head(response, {}), !Catch::Contains("Content-Length"));
}

} // namespace http_head_tests
