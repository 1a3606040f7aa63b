#include "dcrf/actors/threads/internal/worker_pool.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace worker_pool_tests {

namespace {

constexpr auto patience = std::chrono::seconds{20};

using strings = std::vector<std::string>;

// A pool of one thread, which works when the test says so, and what became of the works.
class held_pool {
public:
  explicit held_pool(dcrf::worker_pool::limits x) : pool(x) {
    std::promise<void> begun;
    std::ignore = pool.post({.owner = 0,
                             .number = 0,
                             .run =
                                 [this, &begun] {
                                   begun.set_value();
                                   released_.get_future().wait();
                                 },
                             .dropped = [] {}});
    begun.get_future().wait();
  }

  ~held_pool() {
    if (is_held_) {
      release();
    }
  }

  bool post(std::uint64_t owner, std::uint64_t number) {
    auto name = std::to_string(owner) + '/' + std::to_string(number);
    return pool.post({.owner = owner,
                      .number = number,
                      .run = [this, name] { note(name); },
                      .dropped = [this, name] { note("dropped " + name); }});
  }

  void release() {
    is_held_ = false;
    released_.set_value();
  }

  // Lets the thread work, and waits until so much was noted.
  strings notes_of(std::size_t count) {
    release();
    while (notes().size() < count) {
      std::this_thread::yield();
    }
    pool.join();
    return notes();
  }

  strings notes() {
    std::lock_guard lock{mutex_};
    return notes_;
  }

private:
  void note(std::string x) {
    std::lock_guard lock{mutex_};
    notes_.push_back(std::move(x));
  }

  std::promise<void> released_;
  bool is_held_ = true;
  std::mutex mutex_;
  strings notes_;

public:
  // Last, so that its threads end first.
  dcrf::worker_pool pool;
};

} // namespace

TEST_CASE("work runs on threads of the pool, at once on as many as it has", "[worker_pool]") {
  dcrf::worker_pool pool{{.threads = 2}};
  std::promise<std::thread::id> id;
  auto post = [&](std::function<void()> work) {
    return pool.post({.owner = 1, .number = 1, .run = std::move(work), .dropped = [] {}});
  };
  CHECK(post([&] { id.set_value(std::this_thread::get_id()); }));
  CHECK(id.get_future().get() != std::this_thread::get_id());

  // Each of the two waits for the other.
  std::latch met{2};
  std::promise<void> first, second;
  CHECK(post([&] {
    met.arrive_and_wait();
    first.set_value();
  }));
  CHECK(post([&] {
    met.arrive_and_wait();
    second.set_value();
  }));
  CHECK(first.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(second.get_future().wait_for(patience) == std::future_status::ready);
}

TEST_CASE("a few works that wait are done in their order, of many the newest first",
          "[worker_pool]") {
  held_pool x{{.threads = 1, .in_order = 3}};
  for (std::uint64_t owner = 1; owner <= 5; ++owner) {
    CHECK(x.post(owner, 1));
  }
  CHECK(x.notes_of(5) == strings{"5/1", "4/1", "1/1", "2/1", "3/1"});
}

TEST_CASE("when too much waits, the oldest is dropped and told so", "[worker_pool]") {
  held_pool x{{.threads = 1, .waiting = 2}};
  CHECK(x.post(1, 1));
  CHECK(x.post(2, 1));
  CHECK(x.post(3, 1));
  CHECK(x.notes() == strings{"dropped 1/1"});
}

TEST_CASE("one owner can't fill the pool", "[worker_pool]") {
  held_pool x{{.threads = 1, .waiting_per_owner = 2}};
  CHECK(x.post(1, 1));
  CHECK(x.post(1, 2));
  CHECK_FALSE(x.post(1, 3));
  CHECK(x.post(2, 1));
  CHECK(x.notes_of(3) == strings{"1/1", "1/2", "2/1"});
}

TEST_CASE("work that was taken back is not done, and nobody is told", "[worker_pool]") {
  held_pool x{{.threads = 1}};
  CHECK(x.post(1, 1));
  CHECK(x.post(1, 2));
  CHECK(x.post(2, 1));
  CHECK(x.post(3, 1));
  CHECK(x.pool.withdraw(1, 2));
  CHECK_FALSE(x.pool.withdraw(1, 2));
  x.pool.withdraw(2);
  CHECK(x.notes_of(2) == strings{"1/1", "3/1"});
}

TEST_CASE("the end of a pool drops what waits, and waits for what has begun", "[worker_pool]") {
  held_pool x{{.threads = 1}};
  CHECK(x.post(1, 1));
  auto joining = std::async(std::launch::async, [&] { x.pool.join(); });
  while (x.notes().empty()) {
    std::this_thread::yield();
  }
  CHECK(x.notes() == strings{"dropped 1/1"});
  CHECK_FALSE(x.post(2, 1));
  CHECK(joining.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
  x.release();
  CHECK(joining.wait_for(patience) == std::future_status::ready);
  x.pool.join();
}

} // namespace worker_pool_tests
