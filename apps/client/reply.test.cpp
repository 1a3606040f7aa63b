#include "client/reply.hpp"

#include <catch2/catch.hpp>

namespace reply_tests {

using client::read_reply;

TEST_CASE("a reply says whose it is and how it went") {
  auto good = read_reply(
      R"({"errors":[],"data":null,"action":"list","response_status":200,"request_id":7})");
  REQUIRE(good);
  CHECK(good->id == "7");
  CHECK(good->status == 200);
  CHECK_FALSE(good->is_error());
  auto bad = read_reply(R"({"response_status":404,"request_id":{"a": 1}})");
  REQUIRE(bad);
  CHECK(bad->id == R"({"a":1})");
  CHECK(bad->is_error());
}

TEST_CASE("a reply may be that of a stream") {
  auto one = read_reply(R"({"stream":"s","payload":{"response_status":200,"request_id":"x"}})");
  REQUIRE(one);
  CHECK(one->id == R"("x")");
}

TEST_CASE("other frames are no replies") {
  for (auto text :
       {"", "hello", "[1]", "{}", R"({"response_status":200})", R"({"request_id":1})",
        R"({"response_status":"200","request_id":1})", R"({"stream":"s","payload":1})"}) {
    INFO(text);
    CHECK_FALSE(read_reply(text));
  }
  CHECK_FALSE(read_reply(std::string(100'000, '[')));
}

} // namespace reply_tests
