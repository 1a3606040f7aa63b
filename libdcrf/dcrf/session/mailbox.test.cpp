#include "dcrf/session/mailbox.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <variant>

using dcrf::frame;
using dcrf::group_message;
using dcrf::group_message_ptr;
using dcrf::mailbox;

namespace {

group_message_ptr event(std::string body) {
  group_message result;
  result.body = dcrf::json_text::trusted(std::move(body));
  return std::make_shared<const group_message>(std::move(result));
}

} // namespace

TEST_CASE("a mailbox keeps the order and counts bytes", "[driver]") {
  mailbox waiting;
  CHECK(waiting.empty());
  waiting.push(frame{.payload = "abc"});
  waiting.push(event("[1]"));
  waiting.push(frame{.payload = "de"});
  CHECK(waiting.bytes() == 8);
  CHECK(std::get<frame>(waiting.front()).payload == "abc");
  CHECK(std::get<frame>(waiting.pop()).payload == "abc");
  CHECK(waiting.bytes() == 5);
  CHECK(std::get<group_message_ptr>(waiting.pop())->body.str() == "[1]");
  CHECK(std::get<frame>(waiting.pop()).payload == "de");
  CHECK(waiting.empty());
  CHECK(waiting.bytes() == 0);
}

TEST_CASE("a mailbox drops what it is told to", "[driver]") {
  mailbox waiting;
  waiting.push(event("[1]"));
  waiting.push(frame{.payload = "abc"});
  waiting.push(event("[2]"));
  SECTION("events only") {
    waiting.drop_events();
    CHECK(waiting.bytes() == 3);
    CHECK(std::get<frame>(waiting.pop()).payload == "abc");
  }
  SECTION("everything") { waiting.clear(); }
  CHECK(waiting.empty());
  CHECK(waiting.bytes() == 0);
}
