#pragma once

#include "dcrf/store/database.hpp"

#include <memory>
#include <string>

namespace dcrf {

/// A lock of a PostgreSQL database that one of several processes has: for what only one of them
/// shall do. It has a connection of its own, and whoever loses that loses the lock. Blocks, and
/// belongs to one thread.
class advisory_lock {
public:
  /// Connects only when it is asked for.
  /// @param name tells it from others in the same schema
  advisory_lock(database_options options, std::string name);
  advisory_lock(const advisory_lock&) = delete;
  advisory_lock& operator=(const advisory_lock&) = delete;
  ~advisory_lock();

  /// Takes the lock if nobody has it.
  /// @returns whether this process has it now; not if the database does not say so
  [[nodiscard]] bool hold() noexcept;

  /// Ends the waiting for the database, now and in future. From any thread.
  void interrupt() noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace dcrf
