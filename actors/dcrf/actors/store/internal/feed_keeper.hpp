#pragma once

#include "dcrf/actors/store/internal/announcements.hpp"
#include "dcrf/actors/store/internal/quiet_work.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/groups/replay.hpp"
#include "dcrf/observer/internal/replayer.hpp"
#include "dcrf/store/database.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace dcrf::internal {

/// Keeps the feed of a database: has it, and what is kept of writes that are done once, forget what
/// is too old, and answers those who ask the feed.
/// Commands get their turn between two parts of much.
///
/// Belongs to the thread of the database, where nothing else is said.
class feed_keeper {
public:
  using extent_function = std::function<void(std::optional<feed::extent>)>;

  /// What it uses; outlives it.
  struct surroundings {
    io_thread& thread;
    database& db;
    quiet_work& quiet;
    announcements& announcing;
  };

  /// @param resume_limit of how many rows a live subscription is told at most that it has missed
  feed_keeper(surroundings x, std::size_t resume_limit);
  feed_keeper(const feed_keeper&) = delete;
  feed_keeper& operator=(const feed_keeper&) = delete;

  /// Prunes from now on.
  void start();
  /// Stops timers.
  void stop() { pruning_.cancel(); }

  /// Calls `done` with what a live subscription has missed. From any thread.
  /// @pre there is a feed
  void follow(replay_question x, std::function<void(replay_ptr)> done);

  /// Calls `done` with what is kept; with nothing if there is no feed, or it can't be read. From
  /// any thread.
  /// @param prune whether to forget first all that can be forgotten
  void ask(bool prune, extent_function done);

private:
  void prune_later(std::chrono::milliseconds delay);
  void prune();
  void answer(bool prune, const extent_function& done);
  void answer_questions();
  [[nodiscard]] std::chrono::milliseconds between_looks() const;

  surroundings with_;
  std::optional<replayer> replaying_;
  timer_handle pruning_;
  // Who wait in follow.
  std::mutex mutex_;
  std::vector<std::pair<replay_question, std::function<void(replay_ptr)>>> questions_;
};

} // namespace dcrf::internal
