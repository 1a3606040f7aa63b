#include "dcrf/actors/net/internal/forwarding.hpp"

#include <catch2/catch.hpp>

namespace forwarding_tests {

using namespace dcrf::internal;
using boost::asio::ip::make_address;

namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

std::optional<client_side> seen(const headers& given, const std::string& peer = "10.0.0.1",
                                const std::vector<std::string>& trusted = {"10.0.0.0/8", "::1"}) {
  request_head head;
  head.set("Host", "inner:8000");
  for (const auto& [name, value] : given) {
    head.insert(name, value);
  }
  return client_side_of(head, make_address(peer), trusted_proxies{trusted});
}

std::string client(const headers& given, const std::string& peer = "10.0.0.1") {
  return seen(given, peer).value().address;
}

} // namespace

TEST_CASE("who is not trusted is the client itself, whatever it says", "[forwarding]") {
  headers all{{"X-Forwarded-For", "203.0.113.7"},
              {"X-Forwarded-Proto", "https"},
              {"X-Forwarded-Host", "evil.test"},
              {"X-Forwarded-Prefix", "/x"},
              {"Forwarded", "for=198.51.100.1"}};
  auto x = seen(all, "192.0.2.1").value();
  CHECK(x.address == "192.0.2.1");
  CHECK(x.scheme == "http");
  CHECK(x.host == "inner:8000");
  CHECK(x.prefix.empty());
}

TEST_CASE("who comes by the socket of a path has no address, and may be trusted", "[forwarding]") {
  request_head head;
  head.set("Host", "inner");
  head.set("X-Forwarded-For", "203.0.113.7");
  CHECK(client_side_of(head, std::nullopt, trusted_proxies{{"unix:"}})->address == "203.0.113.7");
  CHECK(client_side_of(head, std::nullopt, trusted_proxies{{"0.0.0.0/0"}})->address == "unix:");
  CHECK(trusted_proxies::problem_of("unix:").empty());
  CHECK(client_side_of(head, std::nullopt, {}, "https")->scheme == "https");
}

TEST_CASE("of a chain of proxies the last that is not trusted is the client", "[forwarding]") {
  CHECK(client({}) == "10.0.0.1");
  CHECK(client({{"X-Forwarded-For", "203.0.113.7"}}) == "203.0.113.7");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4, 203.0.113.7"}}) == "203.0.113.7");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-For", "203.0.113.7"}})
        == "203.0.113.7");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4, 203.0.113.7, 10.0.0.9"}}) == "203.0.113.7");
  CHECK(client({{"X-Forwarded-For", "10.0.0.8, 10.0.0.9"}}) == "10.0.0.8");
  CHECK(client({{"X-Forwarded-For", "203.0.113.7:4711"}}) == "203.0.113.7");
  CHECK(client({{"X-Forwarded-For", "[2001:db8::7]:4711"}}, "::1") == "2001:db8::7");
  CHECK(client({{"X-Forwarded-For", "2001:db8::7"}}, "::ffff:10.0.0.1") == "2001:db8::7");
  CHECK(client({{"X-Forwarded-For", "1.2.3.4, nonsense"}}) == "10.0.0.1");
  CHECK(client({{"X-Forwarded-For", ""}}) == "10.0.0.1");
  CHECK(client({{"Forwarded", "for=1.2.3.4, For=\"[2001:db8::7]:80\";proto=https"}})
        == "2001:db8::7");
  CHECK(client({{"Forwarded", "for=_hidden"}}) == "10.0.0.1");
}

TEST_CASE("scheme, host and prefix are those of the proxy that the client reaches",
          "[forwarding]") {
  auto x = seen({{"X-Forwarded-For", "203.0.113.7, 10.0.0.9"},
                 {"X-Forwarded-Proto", "ftp, https, http"},
                 {"X-Forwarded-Host", "evil.test, chat.test, inner"},
                 {"X-Forwarded-Prefix", "/chat/"}})
               .value();
  CHECK(x.scheme == "https");
  CHECK(x.host == "chat.test");
  CHECK(x.prefix == "/chat");
  auto y = seen({{"Forwarded", "for=203.0.113.7; host=\"chat.test:8443\"; proto=HTTPS"}}).value();
  CHECK(y.scheme == "https");
  CHECK(y.host == "chat.test:8443");
}

TEST_CASE("what is no scheme, host or prefix is not taken for one", "[forwarding]") {
  auto x = seen({{"X-Forwarded-Proto", "javascript"},
                 {"X-Forwarded-Host", "user@evil.test/x"},
                 {"X-Forwarded-Prefix", "//evil.test"}})
               .value();
  CHECK(x.scheme == "http");
  CHECK(x.host == "inner:8000");
  CHECK(x.prefix.empty());
  CHECK(seen({{"X-Forwarded-Proto", "wss"}})->scheme == "https");
}

TEST_CASE("of two kinds of headers that differ neither is believed", "[forwarding]") {
  CHECK(seen({{"X-Forwarded-For", "203.0.113.7"}, {"Forwarded", "for=203.0.113.7"}}));
  CHECK_FALSE(seen({{"X-Forwarded-For", "203.0.113.7"}, {"Forwarded", "for=198.51.100.1"}}));
  CHECK_FALSE(seen({{"X-Forwarded-For", "203.0.113.7"}, {"Forwarded", "host=evil.test"}}));
}

TEST_CASE("proxies are trusted by address and by network", "[forwarding]") {
  trusted_proxies trusted{{"192.0.2.1", "10.0.0.0/9", "2001:db8::/33", "::ffff:198.51.100.1"}};
  for (const auto* good :
       {"192.0.2.1", "10.127.255.255", "::ffff:10.0.0.1", "2001:db8:7fff::1", "198.51.100.1"}) {
    CHECK(trusted.contains(make_address(good)));
  }
  for (const auto* bad : {"192.0.2.2", "10.128.0.0", "2001:db8:8000::1", "2001:db9::", "::1"}) {
    CHECK_FALSE(trusted.contains(make_address(bad)));
  }
  CHECK(trusted_proxies{{"0.0.0.0/0"}}.contains(make_address("203.0.113.7")));
  CHECK_FALSE(trusted_proxies{{"0.0.0.0/0"}}.contains(make_address("::1")));
  CHECK_FALSE(trusted_proxies{}.contains(make_address("127.0.0.1")));
  for (const auto* bad : {"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129"}) {
    CHECK_FALSE(trusted_proxies::problem_of(bad).empty());
  }
}

} // namespace forwarding_tests
