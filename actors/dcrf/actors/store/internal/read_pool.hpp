#pragma once

#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/database.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace dcrf {

/// Threads that read a PostgreSQL database beside its store thread, each on a connection of its
/// own, which it opens when it has something to do. For reads of several queries, which see one
/// state of the database, and for those that take long. All members are safe to use from any
/// thread.
class read_pool {
public:
  using clock = std::chrono::steady_clock;
  using completion = command_queue::completion;

  struct limits {
    std::size_t connections = 1;
    /// How many reads wait for a connection at most.
    std::size_t waiting = 1024;
  };

  /// Starts the threads.
  read_pool(database_options options, schema models, limits bounds);
  read_pool(const read_pool&) = delete;
  read_pool& operator=(const read_pool&) = delete;
  ~read_pool();

  /// Executes a list, retrieve or count. `done` is called on a thread of the pool; or at once, with
  /// `unavailable`, if too many wait. One that has waited for longer than a statement may take is
  /// answered so, too.
  void submit(command x, completion done);

  /// Calls a function that may block on a thread of the pool; not at all if the pool is stopped.
  void post(std::function<void()> work);

  /// Answers what waits with `unavailable`, ends what is under way, and joins the threads. A second
  /// call does nothing.
  void stop();

private:
  struct waiting_read {
    command body;
    completion done;
    clock::time_point since;
  };

  void run();
  void read(std::unique_ptr<database>& db, waiting_read x);

  const database_options options_;
  const schema models_;
  const limits bounds_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<waiting_read> reads_;
  std::deque<std::function<void()>> work_;
  // The databases of the threads, to be interrupted.
  std::vector<database*> open_;
  bool is_stopped_ = false;
  std::vector<std::thread> threads_;
};

} // namespace dcrf
