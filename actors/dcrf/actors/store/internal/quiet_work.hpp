#pragma once

#include "dcrf/store/internal/command_queue.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace dcrf::internal {

/// Work on the database that must not see what an open transaction has written: it is done when
/// none is open. Belongs to the thread of the database.
class quiet_work {
public:
  /// @param queue outlives this
  explicit quiet_work(const command_queue& queue) : queue_(&queue) {}

  [[nodiscard]] bool is_quiet() const noexcept { return !queue_->deadline(); }

  /// Does it now, or when the transaction has ended that is open.
  void run(std::function<void()> work) {
    if (is_quiet()) {
      work();
    } else {
      waiting_.push_back(std::move(work));
    }
  }

  /// The queue has run: does what has waited, if nothing is open any more.
  void resume() {
    if (is_quiet()) {
      for (const auto& work : std::exchange(waiting_, {})) {
        work();
      }
    }
  }

private:
  const command_queue* queue_;
  std::vector<std::function<void()>> waiting_;
};

} // namespace dcrf::internal
