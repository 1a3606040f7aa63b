#include "dcrf/actors/net/internal/listen_address.hpp"

#include <catch2/catch.hpp>

namespace listen_address_tests {

using namespace dcrf::internal;

namespace {

std::string read(std::string_view text, entrance how = entrance::http) {
  auto x = parse_listen_address(text, how);
  return x ? x->to_string() : "none";
}

} // namespace

TEST_CASE("an address to listen on is a host with its port, or a path", "[listen]") {
  CHECK(read("127.0.0.1:8000") == "http://127.0.0.1:8000");
  CHECK(read("a.test:0", entrance::https) == "https://a.test:0");
  CHECK(read("http://a.test:80", entrance::https) == "http://a.test:80");
  CHECK(read("https://[::1]:443") == "https://[::1]:443");
  CHECK(read("[::]:8000") == "http://[::]:8000");
  CHECK(read("unix:/run/x.sock", entrance::https) == "unix:/run/x.sock");
  CHECK(parse_listen_address("unix:/run/x.sock", entrance::https)->how == entrance::http);
  for (const auto* wrong : {"", "8000", "a.test", "::1", ":80", "a.test:x", "a.test:65536",
                            "unix:", "ftp://a.test:1", "http://a.test", "http://a.test:80/"}) {
    CHECK(read(wrong) == "none");
  }
}

TEST_CASE("the mode of a socket is octal", "[listen]") {
  CHECK(parse_mode("660") == 0660U);
  CHECK(parse_mode("0777") == 0777U);
  CHECK_FALSE(parse_mode("888"));
  CHECK_FALSE(parse_mode("1777"));
  CHECK_FALSE(parse_mode(""));
}

} // namespace listen_address_tests
