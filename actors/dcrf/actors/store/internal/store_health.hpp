#pragma once

#include "dcrf/actors/store/internal/quiet_work.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/database.hpp"
#include "dcrf/store/schema.hpp"

#include <atomic>
#include <functional>
#include <optional>

namespace dcrf::internal {

/// What a database could not do lately. Belongs to its thread.
class store_health {
public:
  /// @param options, models, queue, quiet outlive this
  store_health(const database_options& options, const schema& models, command_queue& queue,
               quiet_work& quiet);

  /// Whether a command was answered with `unavailable`, and what it asked for was not possible
  /// since. From any thread.
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

  /// Tries again what was not possible, and calls `done` with whether it is now.
  void try_again(std::function<void(bool)> done);

  /// What is called when a command was put into the queue.
  void on_pushed(std::function<void()> x) { pushed_ = std::move(x); }

private:
  void note(const command& x);
  void retry(const std::function<void(bool)>& done);

  const database_options* options_;
  const schema* models_;
  command_queue* queue_;
  quiet_work* quiet_;
  std::function<void()> pushed_;
  // What the database could not do: a read, and whether there was a write.
  std::optional<command> failed_read_;
  bool failed_write_ = false;
  std::atomic<bool> has_failed_{false};
};

} // namespace dcrf::internal
