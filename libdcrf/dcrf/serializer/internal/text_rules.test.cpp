#include "dcrf/serializer/internal/text_rules.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace text_rules_tests {

using namespace dcrf::internal;
using namespace std::string_literals;

TEST_CASE("white space at both ends is cut off") {
  CHECK(trimmed("  a b\t\n") == "a b");
  CHECK(trimmed("\x1c\xc2\xa0\xe3\x80\x80x\xe2\x80\xa8") == "x");
  CHECK(trimmed(" \t ").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed("\xe2\x80\x8bzero width\xe2\x80\x8b") == "\xe2\x80\x8bzero width\xe2\x80\x8b");
}

TEST_CASE("code points are counted, not bytes") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80") == 4);
}

TEST_CASE("e-mail addresses") {
  for (const auto* good :
       {"ann@example.com", "a@localhost", "a.b+c@x-y.example.co", "!#$%&'*+/=?^_`{|}~-@example.com",
        "\"a\\ b\\\"c\"@example.com", "\"\"@example.com", "a@[127.0.0.1]", "a@[::1]",
        "A@EXAMPLE.COM", "a@1.example.museum", "a@xn--bcher-kva.example",
        "a@b\xc3\xbc"
        "cher.example",
        "\"a@b\"@c.de"}) {
    CAPTURE(good);
    CHECK(is_email_address(good));
  }
  for (const auto* bad : {"",
                          "plain",
                          "@example.com",
                          "a@",
                          "a b@example.com",
                          "a@b",
                          "a@@example.com",
                          "a@exa mple.com",
                          "a@-example.com",
                          "a@example-.com",
                          "a@example..com",
                          "a@.example.com",
                          "a@example.c",
                          "a@example.com-",
                          ".a@example.com",
                          "a.@example.com",
                          "a..b@example.com",
                          "\"a@example.com",
                          "\"a b\"@example.com",
                          "\"a\"b\"@example.com",
                          "\"a\\\"@example.com",
                          "\"a\nb\"@example.com",
                          "a@[127.0.0.256]",
                          "a@[]",
                          "a@[x]",
                          "\xc3\xbc@example.com",
                          "a@example.com\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_email_address(bad));
  }
  CHECK_FALSE(is_email_address("a\0@example.com"s));
  CHECK_FALSE(is_email_address("a@[127.0.0.1\0]"s));
  CHECK(is_email_address("a@" + std::string(63, 'x') + ".com"));
  CHECK_FALSE(is_email_address("a@" + std::string(64, 'x') + ".com"));
  std::string longest = "@b.com";
  longest.insert(0, 314, 'x');
  CHECK(is_email_address(longest));
  CHECK_FALSE(is_email_address('x' + longest));
}

} // namespace text_rules_tests
