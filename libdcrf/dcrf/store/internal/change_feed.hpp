#pragma once

#include "dcrf/store/change.hpp"
#include "dcrf/store/database.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dcrf {

/// The changes that others make to the rows of a PostgreSQL database: other programs, and other
/// nodes if the database's options say so.
///
/// Triggers note them in a table, and this reads it from where it stopped the last time. So nothing
/// is lost while the database can't be reached; and if notes were deleted before they were read, it
/// says so. Has a connection of its own. Belongs to the thread of its database.
class change_feed {
public:
  /// How many changes are read at once.
  static constexpr std::size_t default_batch_size = 1000;

  /// What was found.
  struct batch {
    /// In the order in which they were committed, as far as they are of the same row; those of one
    /// transaction summed, as far as they are in the same batch.
    std::vector<change> changes{};
    /// Changes that could not be read, and why. For the log.
    std::vector<std::string> problems{};
    /// Whether changes were deleted that nobody had read here.
    bool has_gap = false;
    /// Whether there is more of what had been committed when the first batch was taken.
    bool has_more = false;
  };

  /// Begins with what is committed from now on.
  /// @pre the database's options ask for outside changes, and it was migrated
  /// @throws store_failure
  explicit change_feed(database& db, std::size_t batch_size = default_batch_size);

  /// What was committed since the last call; if that is much, a part of it.
  /// @throws store_failure; the next call finds the same then
  batch take();

  /// Deletes what every node has had time to read.
  /// @throws store_failure
  void prune();

  /// The connection that the feed reads on; no transaction stays open on it.
  [[nodiscard]] database& reading() noexcept { return reading_; }

  /// Names the database, for all who read its feed.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  struct page;
  page read_page();

  database reading_;
  std::size_t batch_size_;
  // How the own changes are marked.
  std::string node_;
  std::string name_;
  // What was committed when the table was read to its end, as a snapshot of PostgreSQL.
  std::string seen_;
  // Up to where it is being read now, and the last version that was; empty between two readings.
  std::string until_;
  std::int64_t last_read_ = 0;
};

} // namespace dcrf
