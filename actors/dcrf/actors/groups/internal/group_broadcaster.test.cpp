#include "dcrf/actors/groups/internal/group_broadcaster.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"
#include "dcrf/actors/internal/slow_links.hpp"

#include <caf/event_based_actor.hpp>

namespace dcrf::actors_test::group_broadcaster_tests {

namespace {

struct fixture : node {
  fixture() { directory.links(&links); }

  // An actor that joins and leaves as `steps` say, and tells what its joins were answered with.
  void act(const std::string& all_steps) {
    // With an argument: CAF refers to one even where a function is spawned without.
    auto run = [this](caf::event_based_actor* self, const std::string& steps) -> caf::behavior {
      for (char step : steps) {
        if (step == 'j') {
          self->request(groups, caf::infinite, join_group{lobby}).then([this](bool joined) {
            joined ? ++joins : ++refusals;
          });
        } else {
          self->send(groups, leave_group{lobby});
        }
      }
      return {[this](const group_message_ptr&) { ++messages; }};
    };
    watcher = system.spawn(run, all_steps);
  }

  group_name lobby{nullptr, "lobby"};
  slow_links links;
  caf::actor watcher;
  std::atomic<int> joins{0};
  std::atomic<int> refusals{0};
  std::atomic<int> messages{0};
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "an actor that leaves while other nodes do not know of its join is no member",
                 "[group_broadcaster]") {
  SECTION("and nothing is held for it") {
    act("jl");
    wait_until([this] { return links.holds() == 1; });
    on_thread([] {});
    links.confirm_all();
    wait_until([this] { return refusals == 1; });
    CHECK(memberships() == 0);
    CHECK(links.holds() == 0);
  }
  SECTION("unless it joins again") {
    act("jlj");
    wait_until([this] { return links.holds() == 2; });
    links.confirm_all();
    wait_until([this] { return refusals + joins == 2; });
    CHECK(joins == 1);
    CHECK(memberships() == 1);
    CHECK(links.holds() == 1);
  }
  SECTION("whichever of its joins it was") {
    act("jjl");
    wait_until([this] { return links.holds() == 2; });
    on_thread([] {});
    links.confirm_all();
    wait_until([this] { return refusals == 2; });
    CHECK(memberships() == 0);
    CHECK(links.holds() == 0);
  }
  caf::anon_send_exit(watcher, caf::exit_reason::kill);
  watcher = nullptr;
  wait_until([this] { return memberships() == 0; });
  directory.links(nullptr);
}

} // namespace dcrf::actors_test::group_broadcaster_tests
