#pragma once

#include "dcrf/store/change_alarm.hpp"
#include "dcrf/store/change_feed.hpp"
#include "dcrf/store/database.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
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
  using announcement = std::function<void(const std::vector<change>&)>;

  /// @param announce takes what was found, in order
  /// @throws store_failure
  outside_watch(database& db, announcement announce);
  outside_watch(const outside_watch&) = delete;
  outside_watch& operator=(const outside_watch&) = delete;
  ~outside_watch();

  /// From now on, calls `wake` on a foreign thread whenever `look` may find something.
  void start(std::function<void()> wake);

  /// Announces what others have committed.
  /// @pre no transaction is open on the database
  void look();

  /// Announces what others had committed before the own changes that are to be announced now, which
  /// are committed.
  void look_before_own();

  /// Whether something was found that comes after own changes.
  [[nodiscard]] bool has_more() const noexcept { return !found_.empty(); }

private:
  using clock = std::chrono::steady_clock;

  void read();
  void prune();
  void announce_up_to(std::uint64_t version);
  void listen();

  database& database_;
  announcement announce_;
  change_feed feed_;
  change_alarm alarm_;
  std::function<void()> wake_;
  std::atomic<bool> is_awake_{false};
  // In the order in which they are announced.
  std::vector<change> found_;
  // The own version at the last look: what others did before is announced then.
  std::uint64_t seen_version_ = 0;
  clock::time_point pruned_at_;
  std::thread listening_;
};

} // namespace dcrf
