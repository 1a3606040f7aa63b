#include "dcrf/actors/threads/internal/worker_pool.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace dcrf {

struct worker_pool::pool {
  explicit pool(limits x) : bounds(x), threads(x.threads) {}

  void run_next() {
    if (auto next = take()) {
      next->run();
    }
  }

  std::optional<job> take() {
    std::lock_guard lock{mutex};
    if (waiting.empty()) {
      return std::nullopt;
    }
    bool is_newest_first = waiting.size() > bounds.in_order;
    std::optional<job> result{std::move(is_newest_first ? waiting.back() : waiting.front())};
    if (is_newest_first) {
      waiting.pop_back();
    } else {
      waiting.pop_front();
    }
    return result;
  }

  // Takes out what waits and meets the condition. What it holds goes outside of the lock.
  template <class Condition>
  std::vector<job> take_all(Condition is_meant) {
    std::vector<job> result;
    std::lock_guard lock{mutex};
    std::erase_if(waiting, [&](job& x) {
      if (!is_meant(x)) {
        return false;
      }
      result.push_back(std::move(x));
      return true;
    });
    return result;
  }

  limits bounds;
  std::mutex mutex;
  bool is_stopped = false;
  // The oldest first.
  std::deque<job> waiting;
  boost::asio::thread_pool threads;
};

worker_pool::worker_pool(limits x) : pool_(std::make_unique<pool>(x)) {}

worker_pool::~worker_pool() { join(); }

bool worker_pool::post(job x) {
  auto& [bounds, mutex, is_stopped, waiting, threads] = *pool_;
  std::optional<job> dropped;
  {
    std::lock_guard lock{mutex};
    auto of_owner = std::ranges::count(waiting, x.owner, &job::owner);
    if (is_stopped || static_cast<std::size_t>(of_owner) >= bounds.waiting_per_owner) {
      return false;
    }
    waiting.push_back(std::move(x));
    if (waiting.size() > bounds.waiting) {
      dropped.emplace(std::move(waiting.front()));
      waiting.pop_front();
    }
  }
  if (dropped) {
    dropped->dropped();
  }
  boost::asio::post(threads, [this] { pool_->run_next(); });
  return true;
}

bool worker_pool::withdraw(std::uint64_t owner, std::uint64_t number) {
  auto taken =
      pool_->take_all([=](const job& x) { return x.owner == owner && x.number == number; });
  return !taken.empty();
}

void worker_pool::withdraw(std::uint64_t owner) {
  pool_->take_all([=](const job& x) { return x.owner == owner; });
}

void worker_pool::join() {
  {
    std::lock_guard lock{pool_->mutex};
    pool_->is_stopped = true;
  }
  for (auto& x : pool_->take_all([](const job&) { return true; })) {
    x.dropped();
  }
  pool_->threads.join();
}

} // namespace dcrf
