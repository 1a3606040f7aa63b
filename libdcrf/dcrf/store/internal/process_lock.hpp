#pragma once

#include "dcrf/store/database.hpp"

#include <string>

namespace dcrf {

/// Keeps a second server away from a SQLite file: two would not learn of each other's changes, and
/// each would tidy up what the other one says of who is present.
///
/// The lock is one of the system's (`flock`) on a file beside the database, so nothing of it is
/// left of a process that was killed. Databases that are no files are not locked.
class process_lock {
public:
  /// @throws store_failure naming the process that has the lock
  explicit process_lock(const database_options& options);
  process_lock(const process_lock&) = delete;
  process_lock& operator=(const process_lock&) = delete;
  ~process_lock();

private:
  bool try_lock();

  std::string path_;
  int file_ = -1;
};

} // namespace dcrf
