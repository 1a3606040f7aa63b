#pragma once

#include "dcrf/actors/store/internal/outside_watch.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/observer/internal/announcer.hpp"
#include "dcrf/observer/internal/live_lists.hpp"
#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/database.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dcrf::internal {

/// Announces what was committed to a database, in the order of the commits: the own changes, and
/// those of others between them. One that can't be announced now, because the database is gone and
/// something has to be read for it, holds up those after it; there are few, because nothing is
/// committed meanwhile.
///
/// Belongs to the thread of the database, where nothing else is said.
class announcements {
public:
  /// What it uses; outlives it.
  struct surroundings {
    io_thread& thread;
    database& db;
    const command_queue& queue;
    channel_layer& channels;
    live_lists& lists;
    /// Called when changes of others were lost before they could be announced, or so many rows of
    /// a model changed that none is told of; null stands for any model.
    std::function<void(const model_descriptor*)> on_gap;
  };

  /// @throws store_failure
  explicit announcements(surroundings x);
  announcements(const announcements&) = delete;
  announcements& operator=(const announcements&) = delete;

  /// From now on what others commit is looked for. Before or after the thread has started.
  void start();

  /// Takes what was committed here, and announces what can be.
  void add(command_queue::committed done);

  /// Commands have run: goes on with what waits.
  void resume();

  /// Announces what can be.
  /// @returns whether that is all
  bool flush();
  [[nodiscard]] bool has_waiting() const noexcept {
    return !committed_.empty() || !announced_.empty();
  }

  /// Has those live subscriptions told how far they are that were not told of anything for long.
  void tell_positions();
  /// Has all live subscriptions told how far they are.
  void tell_all_positions();

  /// Calls `done` when all is announced that others had committed. From any thread.
  void catch_up(std::function<void()> done);

  /// Names the database for all nodes that watch it; empty if nobody watches. From any thread.
  [[nodiscard]] std::string shared_name() const;

  /// A read that takes long is given up. From any thread.
  void interrupt();

  /// Stops timers.
  void stop();
  /// Closes connections of its own; nothing is announced any more.
  void close();

private:
  // What was committed together.
  struct commit {
    std::vector<change> changes{};
    feed_position_ptr position{};
  };

  void append(std::vector<change> changes);
  bool announce();
  void look_outside();
  void look_later();
  void answer_followers();
  void retry_later();

  surroundings with_;
  std::unique_ptr<outside_watch> outside_;
  std::optional<announcer> announcing_;
  // Own changes that may come after others' which are not known yet.
  std::deque<commit> committed_;
  // Changes in the order in which they are announced.
  std::deque<commit> announced_;
  // The position of what was announced last, and that which all were told of that had not been
  // told of anything since the one before.
  feed_position_ptr newest_;
  std::uint64_t last_told_ = 0;
  timer_handle retry_;
  // Who wait in catch_up.
  std::mutex mutex_;
  std::vector<std::function<void()>> followers_;
};

} // namespace dcrf::internal
