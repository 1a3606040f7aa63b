#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string_view>

namespace client {

/// How long to wait before each new try to connect: twice as long each time, to a limit, and
/// spread, so that clients of a server that comes back don't come all at once.
class backoff {
public:
  static constexpr std::chrono::milliseconds first{500};
  static constexpr std::chrono::milliseconds last{30'000};

  explicit backoff(unsigned seed = std::random_device{}()) : random_{seed} {}

  std::chrono::milliseconds next();
  void reset() { delay_ = first; }

private:
  std::minstd_rand random_;
  std::chrono::milliseconds delay_ = first;
};

/// When a server that closes a connection asks to come back: `retry after 12.3 s`. Nothing if it
/// says nothing of that, or means more than an hour.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(std::string_view reason);

} // namespace client
