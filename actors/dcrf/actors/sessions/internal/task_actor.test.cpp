#include "dcrf/actors/sessions/internal/task_actor.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"

#include <tuple>

using namespace std::chrono_literals;

namespace dcrf::actors_test::task_actor_tests {

namespace {

// Tells of its end, as a local variable of a coroutine.
struct witness {
  std::atomic<bool>* gone;
  explicit witness(std::atomic<bool>& x) : gone(&x) {}
  witness(const witness&) = delete;
  ~witness() { *gone = true; }
};

struct fixture : node {
  // Starts a task, as a server does.
  caf::actor start(task_actor::body_function body) {
    return on_thread([&]() -> caf::actor {
      auto actor = spawn_pinned<task_actor>(
          thread, services, std::move(body),
          [this](const std::exception_ptr& error) { result.set_value(error); });
      caf::actor_cast<task_actor*>(actor)->attach_functor([this] { ended = true; });
      caf::actor_cast<task_actor*>(actor)->open();
      // As a server does: nothing else keeps a task that sleeps.
      running = caf::actor_cast<caf::actor>(actor);
      return running;
    });
  }

  std::exception_ptr error() {
    auto future = result.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    return future.get();
  }

  // What the error says; nothing if there is none.
  std::string message() {
    auto told = error();
    if (!told) {
      return {};
    }
    try {
      std::rethrow_exception(told);
    } catch (const std::exception& e) {
      return e.what();
    }
  }

  caf::actor running;
  std::promise<std::exception_ptr> result;
  std::atomic<bool> ended{false};
};

} // namespace

TEST_CASE_METHOD(fixture, "a task asks the store, sleeps and works elsewhere, all on its thread",
                 "[task_actor]") {
  std::int64_t topics = 0;
  bool strays = false;
  start([&](const runtime& within) -> task<> {
    topic draft{.name = "caf"};
    auto created = co_await within.repository<topic>().create(draft);
    strays |= !thread.runs_here();
    co_await within.sleep(1ms);
    strays |= !thread.runs_here();
    auto where = [] { return std::this_thread::get_id(); };
    auto elsewhere = co_await within.offload(where);
    strays |= !thread.runs_here() || elsewhere == std::this_thread::get_id();
    topics = co_await within.repository<topic>().count({});
  });
  CHECK(message().empty());
  CHECK(topics == 1);
  CHECK_FALSE(strays);
  wait_until([this] { return ended.load(); });
}

TEST_CASE_METHOD(fixture, "what a task throws is told, and ends its actor", "[task_actor]") {
  SECTION("after it was suspended") {
    start([](const runtime& within) -> task<> { co_await within.repository<topic>().get(99); });
    CHECK_FALSE(message().empty());
  }
  SECTION("at once") {
    start([](const runtime&) -> task<> {
      throw std::runtime_error("at once");
      co_return;
    });
    CHECK(message() == "at once");
  }
  SECTION("by a function that is no coroutine") {
    start([](const runtime&) -> task<> { throw std::runtime_error("no coroutine"); });
    CHECK(message() == "no coroutine");
  }
  wait_until([this] { return ended.load(); });
}

TEST_CASE_METHOD(fixture, "a transaction that a task leaves open is rolled back", "[task_actor]") {
  auto actor = start([](const runtime& within) -> task<> {
    auto body = [&within]() -> task<> {
      topic draft{.name = "lost"};
      co_await within.repository<topic>().create(draft);
      co_await within.sleep(1h);
    };
    co_await within.atomic(body);
  });
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  CHECK(message() == "the task was ended from outside");
  std::promise<std::int64_t> count;
  on_thread([&] {
    auto body = [&](const runtime& within) -> task<> {
      count.set_value(co_await within.repository<topic>().count({}));
    };
    caf::actor_cast<task_actor*>(spawn_pinned<task_actor>(thread, services, body, nullptr))->open();
  });
  CHECK(count.get_future().get() == 0);
}

TEST_CASE_METHOD(fixture, "a task that is killed takes its coroutine with it", "[task_actor]") {
  std::atomic<bool> gone{false};
  std::promise<void> released;
  auto wait = released.get_future().share();
  caf::actor actor;
  SECTION("while it sleeps") {
    actor = start([&](const runtime& within) -> task<> {
      witness here{gone};
      co_await within.sleep(1h);
    });
  }
  SECTION("while it waits for work elsewhere, which ends later") {
    actor = start([&](const runtime& within) -> task<> {
      witness here{gone};
      auto work = [wait] { wait.wait(); };
      co_await within.offload(work);
    });
  }
  SECTION("while it waits for a store that never answers") {
    actor = start([&](const runtime& within) -> task<> {
      witness here{gone};
      auto body = [&within]() -> task<> { co_await within.sleep(1h); };
      co_await within.atomic(body);
    });
  }
  CHECK_FALSE(gone);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  CHECK(message() == "the task was ended from outside");
  CHECK(gone);
  released.set_value();
}

namespace {

// Keeps the only thread of the workers busy until it goes.
struct busy_workers {
  explicit busy_workers(worker_pool& workers) {
    auto wait = released.get_future().share();
    std::ignore = workers.post({.owner = 0,
                                .number = 0,
                                .run =
                                    [this, wait] {
                                      begun.set_value();
                                      wait.wait();
                                    },
                                .dropped = [] {}});
    begun.get_future().wait();
  }
  ~busy_workers() { released.set_value(); }

  std::promise<void> begun;
  std::promise<void> released;
};

} // namespace

TEST_CASE_METHOD(fixture, "work whose task has ended is not begun", "[task_actor]") {
  std::atomic<bool> was_done{false};
  {
    busy_workers busy{workers};
    auto actor = start([&](const runtime& within) -> task<> {
      auto work = [&was_done] { was_done = true; };
      co_await within.offload(work);
    });
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    CHECK(message() == "the task was ended from outside");
  }
  std::promise<void> passed;
  CHECK(workers.post(
      {.owner = 0, .number = 1, .run = [&] { passed.set_value(); }, .dropped = [] {}}));
  passed.get_future().wait();
  CHECK_FALSE(was_done);
}

TEST_CASE_METHOD(fixture,
                 "work that finds no free thread fails as the database does when it is away",
                 "[task_actor]") {
  std::atomic<bool> was_done{false};
  busy_workers busy{workers};
  start([&](const runtime& within) -> task<> {
    auto work = [&was_done] { was_done = true; };
    co_await within.offload(work);
  });
  for (std::size_t i = 0; i < worker_pool::limits{}.waiting; ++i) {
    CHECK(workers.post({.owner = i, .number = 1, .run = [] {}, .dropped = [] {}}));
  }
  CHECK(message() == "no thread was free for offloaded work");
  CHECK_FALSE(was_done);
}

TEST_CASE_METHOD(fixture, "a task learns that the store is gone", "[task_actor]") {
  for (const auto& repository : store.repositories()) {
    caf::anon_send_exit(repository, caf::exit_reason::kill);
  }
  start([](const runtime& within) -> task<> { co_await within.repository<topic>().count({}); });
  CHECK(message() == "the store has stopped");
}

} // namespace dcrf::actors_test::task_actor_tests
