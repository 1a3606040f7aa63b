#pragma once

#include "dcrf/actors/store/internal/announcements.hpp"
#include "dcrf/actors/store/internal/quiet_work.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/groups/live_list.hpp"
#include "dcrf/observer/internal/live_lists.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace dcrf::internal {

/// Has the lists read that clients watch: when they may have changed, and when they are asked for.
/// Commands get their turn between two lists.
///
/// Belongs to the thread of the database, where nothing else is said.
class list_keeper {
public:
  /// What it uses; outlives it.
  struct surroundings {
    io_thread& thread;
    quiet_work& quiet;
    announcements& announcing;
    live_lists& lists;
  };

  explicit list_keeper(surroundings x) : with_(x) {}
  list_keeper(const list_keeper&) = delete;
  list_keeper& operator=(const list_keeper&) = delete;

  /// Calls `done` with a list that is watched from now on. From any thread.
  void watch(list_question x, std::function<void(list_state_ptr)> done);

  /// A command runs that changes rows without telling which.
  void changes_unseen() noexcept { has_unseen_ = true; }
  /// Commands have run.
  void resume();

  /// Has a list read soon, if one is to be.
  void read_later();
  /// Reads all that are to be read, if the database can be read now.
  void read_all();

  /// Stops timers.
  void stop();

  /// How many lists are watched. From any thread.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  void take_questions();
  void read_some();
  bool read();

  surroundings with_;
  bool is_scheduled_ = false;
  bool is_stopped_ = false;
  bool has_unseen_ = false;
  // A list that could not be read is tried again.
  timer_handle retry_;
  std::atomic<std::size_t> size_{0};
  // Who wait in watch.
  std::mutex mutex_;
  std::vector<std::pair<list_question, std::function<void(list_state_ptr)>>> questions_;
};

} // namespace dcrf::internal
