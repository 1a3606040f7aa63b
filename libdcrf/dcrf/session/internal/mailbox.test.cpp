#include "dcrf/session/internal/mailbox.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

namespace mailbox_tests {

using dcrf::group_message;
using dcrf::group_message_ptr;
using dcrf::mailbox;
using dcrf::received_frame;
using dcrf::session_budget;

namespace {

group_message_ptr event(std::string body) {
  group_message result;
  result.text = std::make_shared<dcrf::event_text>(dcrf::json_text::trusted(std::move(body)));
  return std::make_shared<const group_message>(std::move(result));
}

} // namespace

TEST_CASE("a mailbox keeps the order, and counts what waits with what an entry costs",
          "[mailbox]") {
  session_budget budget;
  mailbox waiting{budget};
  CHECK(waiting.empty());
  waiting.push(received_frame{});
  auto empty = budget.queued();
  CHECK(empty > 0);
  std::ignore = waiting.pop();
  waiting.push(received_frame{.payload = "abc"});
  CHECK(budget.queued() == empty + 3);
  waiting.push(event("[1]"));
  waiting.push(received_frame{.payload = "de"});
  CHECK(std::get<received_frame>(waiting.front()).payload == "abc");
  CHECK(std::get<received_frame>(waiting.pop()).payload == "abc");
  CHECK(std::get<group_message_ptr>(waiting.pop())->body().str() == "[1]");
  CHECK(budget.queued() == empty + 2);
  CHECK(std::get<received_frame>(waiting.pop()).payload == "de");
  CHECK(waiting.empty());
  CHECK(budget.queued() == 0);
}

TEST_CASE("an event counts with all that it holds", "[mailbox]") {
  session_budget budget;
  mailbox waiting{budget};
  waiting.push(event("null"));
  auto smallest = budget.queued();
  CHECK(smallest > sizeof(group_message));
  group_message large;
  large.target.key = std::string(100, 'k');
  large.text = std::make_shared<dcrf::event_text>(std::string(200, 'h'), 0, 0);
  large.values = {std::string(300, 'v'), dcrf::json_text::trusted(std::string(400, '1'))};
  waiting.push(std::make_shared<const group_message>(std::move(large)));
  CHECK(budget.queued() > 2 * smallest + 900);
}

TEST_CASE("a mailbox drops what it is told to", "[mailbox]") {
  session_budget budget;
  mailbox waiting{budget};
  waiting.push(event("[1]"));
  waiting.push(received_frame{.payload = "abc"});
  auto queued = budget.queued();
  waiting.push(event("[2]"));
  SECTION("events only") {
    waiting.drop_events();
    CHECK(budget.queued() < queued);
    CHECK(std::get<received_frame>(waiting.pop()).payload == "abc");
  }
  SECTION("everything") { waiting.clear(); }
  CHECK(waiting.empty());
  CHECK(budget.queued() == 0);
}

} // namespace mailbox_tests
