#pragma once

#include "dcrf/actors/sessions/internal/task_actor.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/store/database.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dcrf {
class advisory_lock;
} // namespace dcrf

namespace dcrf::internal {

/// A task that is run again and again: see server::every.
struct periodic_task {
  std::chrono::nanoseconds period;
  task_actor::body_function body;
};

/// Runs tasks of the application, each again and again and never twice at a time. Over PostgreSQL
/// only while this process has the lock that says which one does it.
class periodic_tasks {
public:
  /// Runs a task on the thread, which the caller is on.
  using run_function =
      std::function<caf::actor(task_actor::body_function, task_actor::done_function)>;

  /// @param thread outlives this, and is that of the tasks
  periodic_tasks(io_thread& thread, const std::vector<periodic_task>& tasks, run_function run);
  periodic_tasks(const periodic_tasks&) = delete;
  periodic_tasks& operator=(const periodic_tasks&) = delete;
  ~periodic_tasks();

  /// @param cluster tells the nodes that share a database from others in it
  void start(const database_options& options, const std::string& cluster);

  /// Begins no run any more; those that go on are left to end. From any thread but the tasks' own.
  /// A second call does nothing.
  void stop();

private:
  using clock = std::chrono::steady_clock;

  struct entry {
    std::size_t number;
    periodic_task task;
    bool is_running = false;
    clock::time_point started{};
    caf::actor runner{};
    timer_handle timer{};
  };

  // On the thread.
  void begin_all(std::chrono::nanoseconds at_least);
  void end_all();
  void run_at(entry& x, clock::time_point when);
  void run(entry& x);
  void ended(entry& x, const std::exception_ptr& error);

  // On a thread of its own.
  void watch_lock();

  io_thread& thread_;
  run_function run_;
  std::vector<entry> entries_;
  bool is_ours_ = false;

  std::unique_ptr<advisory_lock> lock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopped_ = false;
  std::thread watching_;
};

} // namespace dcrf::internal
