#include "dcrf/model/uuid.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

namespace uuid_tests {

using dcrf::uuid;

TEST_CASE("a UUID is read with or without hyphens") {
  constexpr auto text = "12345678-1234-5678-9abc-def012345678";
  CHECK(uuid::parse(text).value().to_string() == text);
  CHECK(uuid::parse("12345678-1234-5678-9ABC-DEF012345678").value().to_string() == text);
  CHECK(uuid::parse("12345678123456789abcdef012345678").value().to_string() == text);
  for (const auto* other :
       {"1234567-81234-5678-9abc-def012345678", "12345678-123456789abc-def012345678",
        "{12345678-1234-5678-9abc-def012345678}",
        "urn:uuid:12345678-1234-5678-9abc-def012345678"}) {
    CHECK(uuid::parse(other).value().to_string() == text);
  }
  CHECK(uuid::parse("123456781234567Z9abcdef012345678") == std::nullopt);
  CHECK(uuid::parse(text).value().bytes[0] == 0x12);
  CHECK(uuid::parse(text).value().bytes[15] == 0x78);
}

TEST_CASE("other texts are no UUID") {
  for (const auto* text :
       {"", "123", "12345678-1234-5678-9abc-def01234567", "12345678-1234-5678-9abc-def0123456789",
        "12345678_1234_5678_9abc_def012345678", "{12345678-1234-5678-9abc-def01234567}",
        "12345678-1234-5678-9abc-def01234567g", "------------------------------------",
        "{12345678-1234-5678-9abc-def012345678", "12345678123456789abcdef0123456789"}) {
    CAPTURE(text);
    CHECK_FALSE(uuid::parse(text));
  }
}

TEST_CASE("random ones are of version 4 and all different") {
  std::set<uuid> seen;
  for (int i = 0; i < 1000; ++i) {
    auto x = uuid::random();
    auto text = x.to_string();
    CHECK(text[14] == '4');
    CHECK(std::string{"89ab"}.find(text[19]) != std::string::npos);
    CHECK_FALSE(x.is_nil());
    seen.insert(x);
  }
  CHECK(seen.size() == 1000);
  CHECK(uuid{}.is_nil());
}

} // namespace uuid_tests
