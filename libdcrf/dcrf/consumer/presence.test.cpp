#include "dcrf/consumer/presence.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace presence_tests {

using dcrf::json;

namespace {

struct fixture {
  std::vector<std::string> events;
  dcrf::presence_table table{[this](const dcrf::group_message_ptr& x) {
    auto said = x->body().to_json();
    events.push_back(said["event"].get<std::string>() + " " + said["who"].get<std::string>()
                     + " in " + x->target.key);
  }};

  std::vector<std::string> here() {
    std::vector<std::string> result;
    for (const auto& x : table.list("lobby")) {
      result.push_back(x.str());
    }
    return result;
  }

  std::vector<std::string> take() { return std::exchange(events, {}); }
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(fixture, "who is present several times comes once and goes once", "[presence]") {
  auto first = table.enter("lobby", "\"ann\"");
  auto second = table.enter("lobby", "\"ann\"");
  CHECK(first.is_first);
  CHECK_FALSE(second.is_first);
  CHECK(here() == texts{"\"ann\""});
  table.leave(first.number);
  CHECK(take() == texts{"join ann in presence lobby"});
  table.leave(second.number);
  CHECK(take() == texts{"leave ann in presence lobby"});
  CHECK(here().empty());
}

TEST_CASE_METHOD(fixture, "an entry that is destroyed has left, one that is moved has not",
                 "[presence]") {
  dcrf::presence_entry kept;
  {
    dcrf::presence_entry entered{table, table.enter("lobby", "\"ann\"")};
    kept = std::move(entered);
  }
  CHECK(here() == texts{"\"ann\""});
  kept.leave();
  kept.leave();
  CHECK(here().empty());
}

TEST_CASE_METHOD(fixture, "people of a node that is lost go, unless they are elsewhere, too",
                 "[presence]") {
  table.enter("lobby", "\"ann\"");
  table.came(1, 7, {"lobby", "\"ann\""});
  table.came(1, 8, {"lobby", "\"bob\""});
  table.came(1, 8, {"lobby", "\"bob\""});
  table.came(2, 8, {"lobby", "\"eve\""});
  CHECK(here() == texts{"\"ann\"", "\"bob\"", "\"eve\""});
  take();
  table.forget(1);
  CHECK(take() == texts{"leave bob in presence lobby"});
  table.went(2, 9);
  CHECK(here() == texts{"\"ann\"", "\"eve\""});
  table.went(2, 8);
  CHECK(take() == texts{"leave eve in presence lobby"});
}

TEST_CASE_METHOD(fixture, "other nodes are told what happens here, in its order", "[presence]") {
  texts told;
  table.tell([&](std::uint64_t number, const dcrf::presence_table::entry* came) {
    told.push_back((came != nullptr ? came->who : "left") + std::to_string(number));
  });
  auto ann = table.enter("lobby", "\"ann\"");
  table.came(1, 1, {"lobby", "\"bob\""});
  table.leave(ann.number);
  CHECK(told == texts{"\"ann\"1", "left1"});
}

} // namespace presence_tests
