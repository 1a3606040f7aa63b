#pragma once

#include <caf/error.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace dcrf::internal {

/// Why a server can't start, in words.
[[nodiscard]] caf::error start_error(std::string text);

/// The parts of a server: they are started in the order in which they were added, and stopped in
/// the opposite one.
class server_parts {
public:
  /// @param start null if there is nothing to do; what it throws is an error, too
  /// @param stop null if there is nothing to do; also called after a start that failed half-way
  void add(std::function<caf::error()> start, std::function<void()> stop = nullptr) {
    parts_.push_back({std::move(start), std::move(stop)});
  }
  /// The same, with a start that returns nothing.
  void add_sure(std::function<void()> start, std::function<void()> stop = nullptr);

  /// Whether some were started, and not stopped since.
  [[nodiscard]] bool are_running() const noexcept { return started_ > 0; }

  /// Starts all, up to the first one that can't be.
  caf::error start();
  /// Stops those that were started.
  void stop();

private:
  struct part {
    std::function<caf::error()> start;
    std::function<void()> stop;
  };

  std::vector<part> parts_;
  std::size_t started_ = 0;
};

} // namespace dcrf::internal
