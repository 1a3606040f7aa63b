#include "dcrf/actors/sessions/internal/presence_follower.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"

#include <mutex>
#include <optional>

namespace dcrf::presence_follower_tests {

namespace {

struct follower_fixture {
  follower_fixture() {
    auto body = [this](const runtime& within, const std::string& key) -> task<> {
      note(key);
      co_await within.sleep(std::chrono::milliseconds{1});
    };
    auto run = [this](task_actor::body_function what, task_actor::done_function done) {
      auto actor =
          spawn_pinned<task_actor>(here.thread, here.services, std::move(what), std::move(done));
      tasks.push_back(caf::actor_cast<caf::actor>(actor));
      caf::actor_cast<task_actor*>(actor)->open();
    };
    follower.emplace(here.thread, table(), body, run);
  }

  ~follower_fixture() {
    follower.reset();
    here.on_thread([this] { tasks.clear(); });
  }

  presence_table& table() { return here.directory.presences(); }

  void note(const std::string& key) {
    std::lock_guard lock{mutex};
    ran.push_back(key);
    if (failures > 0) {
      --failures;
      throw store_failure(error, "it failed");
    }
  }

  std::vector<std::string> seen() {
    std::lock_guard lock{mutex};
    return ran;
  }

  actors_test::node here;
  std::mutex mutex;
  std::vector<std::string> ran;
  int failures = 0;
  store_errc error = store_errc::unavailable;
  std::vector<caf::actor> tasks;
  std::optional<presence_follower> follower;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(follower_fixture, "what changes before the start waits for it", "[presence]") {
  table().enter("room 1", "1");
  here.on_thread([] {});
  CHECK(seen().empty());
  follower->start();
  actors_test::wait_until([this] { return seen() == texts{"room 1"}; });
}

TEST_CASE_METHOD(follower_fixture, "a task runs for each key under which somebody comes or goes",
                 "[presence]") {
  follower->start();
  auto ann = table().enter("room 1", "1");
  actors_test::wait_until([this] { return seen() == texts{"room 1"}; });
  table().enter("room 2", "1");
  actors_test::wait_until([this] { return seen() == texts{"room 1", "room 2"}; });
  table().leave(ann.number);
  actors_test::wait_until([this] { return seen() == texts{"room 1", "room 2", "room 1"}; });
}

TEST_CASE_METHOD(follower_fixture, "what changes while a task runs is one change", "[presence]") {
  follower->start();
  here.on_thread([this] {
    for (int i = 0; i < 100; ++i) {
      table().leave(table().enter("room 1", "1").number);
    }
    table().enter("room 2", "1");
  });
  actors_test::wait_until([this] { return !seen().empty() && seen().back() == "room 2"; });
  CHECK(seen().size() < 100);
}

TEST_CASE_METHOD(follower_fixture, "a task is run again when the database was not there",
                 "[presence]") {
  follower->start();
  failures = 1;
  table().enter("room 1", "1");
  actors_test::wait_until([this] { return seen() == texts{"room 1", "room 1"}; });
}

TEST_CASE_METHOD(follower_fixture, "a task that fails is not run again", "[presence]") {
  follower->start();
  failures = 1;
  error = store_errc::failed;
  table().enter("room 1", "1");
  table().enter("room 2", "1");
  actors_test::wait_until([this] { return seen() == texts{"room 1", "room 2"}; });
}

TEST_CASE_METHOD(follower_fixture, "nothing runs after a stop", "[presence]") {
  follower->start();
  follower->stop();
  table().enter("room 1", "1");
  here.on_thread([] {});
  CHECK(seen().empty());
}

} // namespace dcrf::presence_follower_tests
