#pragma once

#include "dcrf/view/http_handler.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>

namespace dcrf::internal {

/// Whether a server can serve: it is not stopping, and its database answers. That is asked at most
/// once a second, however many want to know it, and not waited for any longer. From any thread.
class readiness {
public:
  using clock = std::chrono::steady_clock;

  /// Asks the database, and tells whether it has answered.
  using probe_function = std::function<void(std::function<void(bool)> done)>;

  /// @param probe null if nothing is to be asked
  void open(probe_function probe);
  /// From now on the server is not ready.
  void close() noexcept { is_open_ = false; }

  /// Finds out.
  /// @returns what is wrong, for whoever asked; empty if nothing is
  task<std::string> problem(const runtime& within);

private:
  void ask(clock::time_point now);
  [[nodiscard]] bool is_asking();

  std::atomic<bool> is_open_{false};
  std::mutex mutex_;
  probe_function probe_;
  bool is_asking_ = false;
  bool has_answered_ = false;
  clock::time_point asked_at_{};
};

} // namespace dcrf::internal
