#pragma once

#include "dcrf/store/database.hpp"

#include <cstdint>
#include <optional>

namespace dcrf {

/// Reads a database on a connection of its own, beside the one that writes, and gives up rather
/// than hold up its thread: a read that takes too many steps, or meets a lock, is not answered.
/// Belongs to one thread.
class snapshot_reader {
public:
  /// Whether a database can be read beside its writer: it is a file of SQLite's.
  [[nodiscard]] static bool is_possible_for(const database_options& options);

  /// @param options how the writer opened the database
  /// @throws store_failure if it can't be opened
  snapshot_reader(database_options options, schema models);

  /// Executes a list, retrieve or count. The reads between two commits share one transaction.
  /// @param commits the writer's number of commits: the answer shows at least these
  /// @returns nothing if it took too long; then the writer has to be asked
  std::optional<store_result> execute(const command& x, std::uint64_t commits);

  /// Ends the transaction that reads share. One that stays open keeps SQLite from using its log
  /// anew.
  void close() noexcept;

private:
  database db_;
  std::optional<unit_of_work> open_;
  std::uint64_t commits_ = 0;
};

} // namespace dcrf
