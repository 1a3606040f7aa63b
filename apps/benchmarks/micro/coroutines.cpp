// What a coroutine adds to a call.

#include "dcrf/runtime/task.hpp"

#include <cstdint>

#include "require.hpp"

namespace {

dcrf::task<std::int64_t> add_one(std::int64_t x) { co_return x + 1; }

dcrf::task<std::int64_t> nested(std::int64_t depth) {
  if (depth == 0) {
    co_return 0;
  }
  const auto below = co_await nested(depth - 1);
  co_return below + 1;
}

dcrf::task<std::int64_t> add_often(std::int64_t times) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < times; ++i) {
    sum = co_await add_one(sum);
  }
  co_return sum;
}

// A task that is made, started and over at once.
void task_start(benchmark::State& state) {
  std::int64_t sum = 0;
  for (auto _ : state) {
    auto one = add_one(sum);
    one.start();
    sum = one.take();
  }
  micro::require(state, sum == std::int64_t(state.iterations()), "the tasks did not add up");
}
BENCHMARK(task_start);

// 1000 tasks awaited, one after another.
void task_await_1000(benchmark::State& state) {
  std::int64_t sum = 0;
  for (auto _ : state) {
    auto all = add_often(1000);
    all.start();
    sum = all.take();
  }
  micro::require(state, sum == 1000, "the tasks did not add up");
}
BENCHMARK(task_await_1000);

// Tasks within tasks, 20 deep.
void task_nested_20(benchmark::State& state) {
  std::int64_t depth = 0;
  for (auto _ : state) {
    auto outermost = nested(20);
    outermost.start();
    depth = outermost.take();
  }
  micro::require(state, depth == 20, "the tasks did not add up");
}
BENCHMARK(task_nested_20);

} // namespace
