#pragma once

#include "dcrf/actors/sessions/internal/task_actor.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/groups/presence_table.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <set>
#include <string>

namespace dcrf {

/// Runs a task of the application for each key of presence under which somebody came or went: one
/// at a time, and once for all changes that came while others ran. Its thread is that of the tasks.
class presence_follower {
public:
  using body_function = std::function<task<>(const runtime&, const std::string& key)>;
  /// Runs a task on the thread, which the caller is on.
  using run_function = std::function<void(task_actor::body_function, task_actor::done_function)>;

  /// @param thread, table outlive this
  presence_follower(io_thread& thread, presence_table& table, body_function body, run_function run);
  ~presence_follower();

  /// Begins to run tasks; first for what has changed before.
  void start();

  /// Starts no task any more. From any thread but its own. A second call does nothing.
  void stop();

private:
  void changed(const std::string& key);
  void run_next();
  void done(const std::string& key, const std::exception_ptr& error);
  void failed(const std::string& key, const std::exception_ptr& error);

  io_thread* thread_;
  presence_table* table_;
  body_function body_;
  run_function run_;
  bool has_started_ = false;
  bool is_running_ = false;
  std::atomic<bool> is_stopped_{false};
  std::set<std::string> waiting_;
  timer_handle pause_;
};

} // namespace dcrf
