#pragma once

#include "dcrf/store/internal/change_alarm.hpp"
#include "dcrf/store/internal/change_feed.hpp"
#include "dcrf/store/database.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace dcrf {

/// Brings the changes that others make to a database into the order of the own ones. What others
/// did to a row is announced between the own changes before and after it: versions tell, because
/// they are taken while the row is locked.
///
/// Belongs to the thread of the database, but for a thread of its own that waits for notifications.
class outside_watch {
public:
  /// What becomes of that which is found.
  struct sink {
    /// Takes changes, in order.
    std::function<void(std::vector<change>)> announce;
    /// Changes were deleted before they were read.
    std::function<void()> lost;
  };

  /// @throws store_failure
  outside_watch(database& db, sink to);
  outside_watch(const outside_watch&) = delete;
  outside_watch& operator=(const outside_watch&) = delete;
  ~outside_watch();

  /// From now on, calls `wake` on a foreign thread whenever `look` may find something.
  void start(std::function<void()> wake);

  /// Announces what others have committed; if that is much, a part of it.
  /// @returns whether it could be read
  bool look();

  /// Announces all that others had committed before an own change, which is committed and to be
  /// announced next.
  /// @returns whether it could be read; the own change has to wait if not
  bool look_before_own(std::uint64_t version);

  /// Whether there is more to announce.
  [[nodiscard]] bool has_more() const noexcept { return is_reading_ || !found_.empty(); }

  /// A connection for what is shown with changes, on which no transaction is open.
  [[nodiscard]] database& reading() noexcept { return feed_.reading(); }

  /// Names the database for all nodes that watch it.
  [[nodiscard]] const std::string& name() const noexcept { return feed_.name(); }

private:
  using clock = std::chrono::steady_clock;

  bool read();
  void prune();
  void announce_up_to(std::uint64_t version);
  void listen();

  database& database_;
  sink to_;
  change_feed feed_;
  change_alarm alarm_;
  std::function<void()> wake_;
  std::atomic<bool> is_awake_{false};
  // In the order in which they are announced.
  std::vector<change> found_;
  // Whether more had been committed than was read.
  bool is_reading_ = false;
  // The last own version when the reading at hand began, or the last one: it finds all that others
  // committed before.
  std::uint64_t covered_version_ = 0;
  clock::time_point pruned_at_;
  std::thread listening_;
};

} // namespace dcrf
