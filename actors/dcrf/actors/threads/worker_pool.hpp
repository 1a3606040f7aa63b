#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace dcrf {

/// Threads for what must not be done on an I/O thread: work that blocks or computes for long.
class worker_pool {
public:
  explicit worker_pool(std::size_t threads);
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;
  /// Waits for the work that was posted.
  ~worker_pool();

  /// Runs `work` on some thread of the pool. From any thread.
  void post(std::function<void()> work);

  /// Waits for the work that was posted, and ends the threads.
  void join();

private:
  struct pool;
  std::unique_ptr<pool> pool_;
};

} // namespace dcrf
