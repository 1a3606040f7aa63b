#include "dcrf/actors/threads/worker_pool.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

TEST_CASE("work runs on threads of the pool, at once on as many as it has", "[worker_pool]") {
  dcrf::worker_pool pool{2};
  std::promise<std::thread::id> id;
  pool.post([&] { id.set_value(std::this_thread::get_id()); });
  CHECK(id.get_future().get() != std::this_thread::get_id());

  // Each of the two waits for the other.
  std::latch met{2};
  std::promise<void> first, second;
  pool.post([&] {
    met.arrive_and_wait();
    first.set_value();
  });
  pool.post([&] {
    met.arrive_and_wait();
    second.set_value();
  });
  auto limit = std::chrono::seconds{20};
  CHECK(first.get_future().wait_for(limit) == std::future_status::ready);
  CHECK(second.get_future().wait_for(limit) == std::future_status::ready);
}

TEST_CASE("the end of a pool waits for all that was posted", "[worker_pool]") {
  std::atomic<int> done{0};
  {
    dcrf::worker_pool pool{2};
    for (int i = 0; i < 1000; ++i) {
      pool.post([&] {
        ++done;
        pool.post([&] { ++done; });
      });
    }
    pool.join();
    CHECK(done == 2000);
    pool.join();
  }
  {
    dcrf::worker_pool pool{1};
    pool.post([&] { done = 1; });
  }
  CHECK(done == 1);
}
