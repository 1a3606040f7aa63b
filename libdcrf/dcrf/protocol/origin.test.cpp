#include "dcrf/protocol/origin.hpp"

#include <catch2/catch.hpp>

namespace origin_tests {

using dcrf::is_origin_allowed;
using dcrf::problem_of_origin;

namespace {

bool is_own(std::string_view origin, std::string host) {
  dcrf::scope request;
  request.host = std::move(host);
  return is_origin_allowed(origin, request);
}

bool is_listed(std::string_view origin, const std::vector<std::string>& allowed) {
  dcrf::scope request;
  request.host = "example.org";
  return is_origin_allowed(origin, request, allowed);
}

} // namespace

TEST_CASE("pages of the host that a request is for are its own", "[origin]") {
  CHECK(is_own("http://example.org", "example.org"));
  CHECK(is_own("https://Example.org:8443", "example.ORG:8443"));
  CHECK(is_own("https://example.org", "example.org:443"));
  CHECK(is_own("https://example.org:443", "example.org"));
  CHECK(is_own("http://example.org", "example.org:80"));
  CHECK(is_own("http://[::1]:8000", "[::1]:8000"));
  CHECK_FALSE(is_own("https://example.org", "example.org:80"));
  CHECK_FALSE(is_own("http://example.org", "example.org:8000"));
  CHECK_FALSE(is_own("http://example.org:8000", "example.org"));
  CHECK_FALSE(is_own("http://example.org.evil.test", "example.org"));
  CHECK_FALSE(is_own("http://user@example.org", "example.org"));
  CHECK_FALSE(is_own("http://example.org/path", "example.org"));
  CHECK_FALSE(is_own("null", "example.org"));
  CHECK_FALSE(is_own("example.org", "example.org"));
  CHECK_FALSE(is_own("http://", ""));
  CHECK_FALSE(is_own("", "example.org"));
}

TEST_CASE("over TLS, a page that came without it is not one of the own host", "[origin]") {
  dcrf::scope request;
  request.scheme = "https";
  request.host = "example.org";
  CHECK(is_origin_allowed("https://example.org", request));
  CHECK_FALSE(is_origin_allowed("http://example.org", request));
  CHECK_FALSE(is_origin_allowed("http://example.org:443", request));
  const std::vector<std::string> listed{"http://example.org"};
  CHECK(is_origin_allowed("http://example.org", request, listed));
}

TEST_CASE("only pages of origins that are named see what cookies show", "[origin]") {
  using dcrf::origin_grant;
  const std::vector<std::string> named{"https://app.test", "https://*.shop.test"};
  const std::vector<std::string> all{"https://app.test", "*"};
  const std::vector<std::string> nameless{"null"};
  CHECK(dcrf::grant_of_origin("https://app.test", named) == origin_grant::credentials);
  CHECK(dcrf::grant_of_origin("https://a.shop.test", named) == origin_grant::credentials);
  CHECK(dcrf::grant_of_origin("http://app.test", named) == origin_grant::nothing);
  CHECK(dcrf::grant_of_origin("null", named) == origin_grant::nothing);
  CHECK(dcrf::grant_of_origin("https://app.test", all) == origin_grant::credentials);
  CHECK(dcrf::grant_of_origin("https://evil.test", all) == origin_grant::anonymous);
  CHECK(dcrf::grant_of_origin("null", nameless) == origin_grant::anonymous);
  CHECK(dcrf::grant_of_origin("https://app.test", nameless) == origin_grant::nothing);
}

TEST_CASE("pages of listed origins are allowed", "[origin]") {
  CHECK(is_listed("https://app.test", {"https://app.test"}));
  CHECK(is_listed("https://app.test", {"HTTPS://App.test:443/"}));
  CHECK(is_listed("https://app.test:8443", {"https://app.test:8443"}));
  CHECK(is_listed("https://evil.test", {"*"}));
  CHECK(is_listed("null", {"null"}));
  CHECK(is_listed("file://", {"file://"}));
  CHECK(is_listed("capacitor://localhost", {"https://a.test", "capacitor://localhost"}));
  CHECK_FALSE(is_listed("http://app.test", {"https://app.test"}));
  CHECK_FALSE(is_listed("https://app.test:8443", {"https://app.test"}));
  CHECK_FALSE(is_listed("https://evil.test", {"https://app.test", "null"}));
  CHECK_FALSE(is_listed("null", {"https://app.test"}));
}

TEST_CASE("a star stands for all hosts below one", "[origin]") {
  CHECK(is_listed("https://a.app.test", {"https://*.app.test"}));
  CHECK(is_listed("https://a.b.APP.test:443", {"https://*.app.test"}));
  CHECK(is_listed("https://a.app.test:8443", {"https://*.app.test:8443"}));
  CHECK_FALSE(is_listed("https://app.test", {"https://*.app.test"}));
  CHECK_FALSE(is_listed("https://.app.test", {"https://*.app.test"}));
  CHECK_FALSE(is_listed("https://evilapp.test", {"https://*.app.test"}));
  CHECK_FALSE(is_listed("http://a.app.test", {"https://*.app.test"}));
  CHECK_FALSE(is_listed("https://a.app.test:1", {"https://*.app.test"}));
}

TEST_CASE("an entry that can match nothing is named", "[origin]") {
  for (const auto* good : {"*", "null", "https://app.test", "http://app.test:8000", "file://",
                           "https://*.app.test", "http://[::1]:8000", "capacitor://localhost"}) {
    CHECK(problem_of_origin(good).empty());
  }
  for (const auto* bad : {"", "app.test", "https://", "https://app.test/path", "https://*app.test",
                          "https://a.*.test", "https://*", "*.app.test", "https://user@app.test",
                          "https://app.test?x"}) {
    CHECK_FALSE(problem_of_origin(bad).empty());
  }
}

} // namespace origin_tests
