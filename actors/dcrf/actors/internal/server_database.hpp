#pragma once

#include "dcrf/actors/config.hpp"
#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/internal/declarations.hpp"
#include "dcrf/actors/internal/log_limit.hpp"
#include "dcrf/actors/store/internal/store_thread.hpp"
#include "dcrf/store/internal/process_lock.hpp"

#include <caf/error.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace dcrf::internal {

/// The database of a server that has one: opened at its start, waited for if it can't be reached
/// yet, and locked against other processes if it is a file.
class server_database {
public:
  /// Waits for some time; returns whether the start is to be given up.
  using pause_function = std::function<bool(std::chrono::milliseconds)>;

  /// @param config, declared, directory outlive the database
  server_database(caf::actor_system& system, const actor_system_config& config,
                  const declarations& declared, group_directory& directory);

  caf::error open(const pause_function& pause);
  /// Ends what is asked of it, and its thread. Does nothing if it was not opened.
  void stop();
  /// Lets go of what was stopped.
  void clear();

  /// Null if it is not open.
  [[nodiscard]] store_thread* store() noexcept { return store_ ? &*store_ : nullptr; }

  /// Asks the feed, and waits for it.
  std::optional<feed::extent> ask_feed(bool prune);

private:
  bool try_start(std::chrono::steady_clock::time_point deadline);
  void tell_of_row(const std::string& sentence);

  caf::actor_system* system_;
  const actor_system_config* config_;
  const declarations* declared_;
  group_directory* directory_;
  said_before told_rows_;
  log_limit row_lines_;
  std::optional<process_lock> lock_;
  std::optional<store_thread> store_;
};

} // namespace dcrf::internal
