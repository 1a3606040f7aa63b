#pragma once

#include "dcrf/store/database.hpp"

#include <chrono>
#include <memory>

namespace dcrf {

/// Waits for word that a change feed has something to read: a connection of its own, and a mere
/// alarm clock. It blocks, and belongs to a thread of its own.
class change_alarm {
public:
  explicit change_alarm(const database_options& options);
  change_alarm(const change_alarm&) = delete;
  change_alarm& operator=(const change_alarm&) = delete;
  ~change_alarm();

  /// Waits until something may have changed: there was a notification, the connection was lost or
  /// made again, or `at_most` has passed. Never throws what the database does.
  /// @returns false after `stop`.
  bool wait(std::chrono::milliseconds at_most);

  /// Ends the waiting for good. From any thread.
  void stop() noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace dcrf
