#include "client/endpoint.hpp"

#include <catch2/catch.hpp>

#include "client/errors.hpp"

namespace endpoint_tests {

using client::parse_url;

TEST_CASE("a URL says where to connect to") {
  auto notes = parse_url("ws://127.0.0.1:8000/ws/notes/?user=ann&x=%20");
  CHECK_FALSE(notes.is_secure);
  CHECK(notes.host == "127.0.0.1");
  CHECK(notes.port == "8000");
  CHECK(notes.target == "/ws/notes/?user=ann&x=%20");
  CHECK(notes.authority() == "127.0.0.1:8000");
}

TEST_CASE("a URL without port or path has those of its scheme") {
  auto secure = parse_url("wss://example.org");
  CHECK(secure.is_secure);
  CHECK(secure.port == "443");
  CHECK(secure.target == "/");
  CHECK(secure.authority() == "example.org");
  CHECK(parse_url("ws://example.org/").authority() == "example.org");
  CHECK(parse_url("ws://example.org:443/").authority() == "example.org:443");
}

TEST_CASE("an IPv6 address stands in brackets") {
  auto local = parse_url("ws://[::1]:9000/");
  CHECK(local.host == "::1");
  CHECK(local.authority() == "[::1]:9000");
}

TEST_CASE("what is no URL of a WebSocket is refused") {
  for (auto url : {"", "notes", "127.0.0.1:8000/ws/", "http://example.org/", "ws://", "ws:///x",
                   "ws://exa mple.org/", "ws://example.org:port/", "ws://example.org:70000/",
                   "ws://example.org:0/", "ws://ann:secret@example.org/"}) {
    INFO(url);
    CHECK_THROWS_AS(parse_url(url), client::usage_error);
  }
}

} // namespace endpoint_tests
