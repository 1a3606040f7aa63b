#include "dcrf/actors/cluster/options.hpp"

#include <catch2/catch.hpp>

namespace dcrf::cluster::options_tests {

TEST_CASE("an address is a host and a port", "[cluster][options]") {
  CHECK(parse_address("10.0.0.1:80")->to_string() == "10.0.0.1:80");
  CHECK(parse_address("[::1]:80")->host == "::1");
  CHECK(parse_address("[::1]:80")->to_string() == "[::1]:80");
  CHECK(parse_address("node.example:0")->port == 0);
  for (const auto* text : {"", ":80", "host", "host:", "host:x", "host:65536", "host:80x", "::1:80",
                           "[::1:80", "[]:80", "host: 80"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_address(text));
  }
}

TEST_CASE("a list of addresses has commas", "[cluster][options]") {
  CHECK(parse_addresses("")->empty());
  CHECK(parse_addresses("a:1,b:2")->size() == 2);
  CHECK_FALSE(parse_addresses("a:1,,b:2"));
  CHECK_FALSE(parse_addresses("a:0"));
}

TEST_CASE("a node off loopback needs its three files", "[cluster][options]") {
  cluster_options x{.node_name = "a", .address = "127.0.0.1:0"};
  CHECK(problem_of(x).empty());
  for (const auto* host : {"localhost", "127.8.9.1", "[::1]"}) {
    x.address = std::string{host} + ":0";
    CAPTURE(host);
    CHECK(problem_of(x).empty());
  }
  for (const auto* host : {"10.0.0.1", "example.org", "[fe80::1]"}) {
    x.address = std::string{host} + ":0";
    CAPTURE(host);
    CHECK(problem_of(x).find("are needed") != std::string::npos);
  }
  x.address = "127.0.0.1:0";
  x.key = "key.pem";
  CHECK(problem_of(x).find("belong together") != std::string::npos);
}

} // namespace dcrf::cluster::options_tests
