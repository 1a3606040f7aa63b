#include "dcrf/actors/threads/worker_pool.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <utility>

namespace dcrf {

struct worker_pool::pool {
  explicit pool(std::size_t threads) : threads(threads) {}

  boost::asio::thread_pool threads;
};

worker_pool::worker_pool(std::size_t threads) : pool_(std::make_unique<pool>(threads)) {}

worker_pool::~worker_pool() { join(); }

void worker_pool::post(std::function<void()> work) {
  boost::asio::post(pool_->threads, std::move(work));
}

void worker_pool::join() { pool_->threads.join(); }

} // namespace dcrf
