#pragma once

#include "dcrf/store/change.hpp"
#include "dcrf/store/database.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace dcrf {

/// The changes that others make to the rows of a PostgreSQL database: other programs, and other
/// nodes if the database's options say so.
///
/// Triggers note them in a table, and this reads it from where it stopped the last time. So nothing
/// is lost while the database can't be reached, as long as that is shorter than the time for which
/// changes are kept. Belongs to the thread of its database.
class change_feed {
public:
  /// For how long changes are kept for nodes that can't read them now.
  static constexpr std::chrono::hours kept_for{1};

  /// What was found.
  struct batch {
    /// In the order in which they were committed, as far as they are of the same row; those of one
    /// transaction summed.
    std::vector<change> changes{};
    /// Changes that could not be read, and why; or that some may be missing. For the log.
    std::vector<std::string> problems{};
  };

  /// Begins with what is committed from now on.
  /// @pre the database's options ask for outside changes, and it was migrated
  /// @throws store_failure
  explicit change_feed(database& db);

  /// What was committed since the last call.
  /// @pre no transaction is open on the database
  /// @throws store_failure; the next call finds the same then
  batch take();

  /// Deletes what every node has had time to read.
  /// @throws store_failure
  void prune();

private:
  using clock = std::chrono::steady_clock;

  database* database_;
  // What was committed when the table was read last, as a snapshot of PostgreSQL.
  std::string seen_;
  clock::time_point read_at_;
};

} // namespace dcrf
