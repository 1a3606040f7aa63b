#include "dcrf/runtime/task.hpp"

#include <catch2/catch.hpp>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using dcrf::task;

namespace consumer_test::tasks {

// Suspends whoever awaits it until the test resumes it.
struct gate {
  std::coroutine_handle<> waiting;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> x) noexcept { waiting = x; }
  void await_resume() const noexcept {}
};

task<int> number(int x) { co_return x; }

task<int> number_behind(gate& x) {
  co_await x;
  co_return 7;
}

task<> failing() {
  throw std::runtime_error("broken");
  co_return;
}

task<int> sum_of(int count) {
  int result = 0;
  for (int i = 0; i < count; ++i) {
    result += co_await number(1);
  }
  co_return result;
}

// Notes where the stack is, while it is awaited.
task<> note_stack(std::vector<std::uintptr_t>& places) {
  places.push_back(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
  co_return;
}

TEST_CASE("a task starts when it is asked to, and has a result", "[task]") {
  int steps = 0;
  auto count = [&]() -> task<std::string> {
    ++steps;
    co_return "done";
  };
  auto x = count();
  CHECK(steps == 0);
  CHECK_FALSE(x.done());
  x.start();
  CHECK(steps == 1);
  REQUIRE(x.done());
  CHECK(x.take() == "done");
}

TEST_CASE("a task without a coroutine is done", "[task]") {
  task<> nothing;
  nothing.start();
  CHECK(nothing.done());
  CHECK_NOTHROW(nothing.take());

  auto awaiting = []() -> task<int> {
    co_await task<>{};
    co_return 1;
  };
  auto x = awaiting();
  x.start();
  CHECK(x.take() == 1);
}

TEST_CASE("a result need not be copyable", "[task]") {
  auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  auto x = make();
  x.start();
  CHECK(*x.take() == 3);
}

TEST_CASE("an exception of a task reaches who takes its result", "[task]") {
  auto x = failing();
  x.start();
  REQUIRE(x.done());
  CHECK_THROWS_WITH(x.take(), "broken");

  auto outer = []() -> task<std::string> {
    try {
      co_await failing();
    } catch (const std::runtime_error& e) {
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  auto y = outer();
  y.start();
  CHECK(y.take() == "broken");
}

TEST_CASE("who awaits a suspended task is resumed with its result", "[task]") {
  gate door;
  auto outer = [&]() -> task<int> { co_return 1 + co_await number_behind(door); };
  auto x = outer();
  x.start();
  CHECK_FALSE(x.done());
  door.waiting.resume();
  REQUIRE(x.done());
  CHECK(x.take() == 8);
}

TEST_CASE("a million tasks that complete at once do not need more stack", "[task]") {
  auto x = sum_of(1'000'000);
  x.start();
  REQUIRE(x.done());
  CHECK(x.take() == 1'000'000);

  std::vector<std::uintptr_t> places;
  auto loop = [&]() -> task<> {
    for (int i = 0; i < 100; ++i) {
      co_await note_stack(places);
    }
  };
  auto y = loop();
  y.start();
  REQUIRE(places.size() == 100);
  CHECK(places.front() == places.back());
}

TEST_CASE("a task that is destroyed while it is suspended releases what it holds", "[task]") {
  gate door;
  auto held = std::make_shared<int>(1);
  auto inner = [](gate& at, std::shared_ptr<int>) -> task<> { co_await at; };
  auto outer = [&](std::shared_ptr<int> own) -> task<> { co_await inner(door, own); };
  {
    auto x = outer(held);
    x.start();
    CHECK_FALSE(x.done());
    CHECK(held.use_count() == 3);
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("a task that was never started releases what it holds", "[task]") {
  auto held = std::make_shared<int>(1);
  auto hold = [](std::shared_ptr<int>) -> task<> { co_return; };
  {
    auto x = hold(held);
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("tasks are moved, not copied", "[task]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<task<int>>);
  auto x = number(1);
  auto y = number(2);
  x = std::move(y);
  x.start();
  CHECK(x.take() == 2);
}

} // namespace consumer_test::tasks
