#include "dcrf/actors/internal/log_limit.hpp"

#include <utility>

namespace dcrf {

std::optional<std::size_t> log_limit::pass(clock::time_point now) {
  std::lock_guard lock{mutex_};
  if (!begun_ || now - *begun_ >= period_) {
    begun_ = now;
    written_ = 0;
  }
  if (written_ == lines_) {
    ++left_out_;
    return std::nullopt;
  }
  ++written_;
  return std::exchange(left_out_, 0);
}

bool said_before::is_new(const std::string& sentence) {
  constexpr std::size_t most = 1'000;
  std::lock_guard lock{mutex_};
  if (known_.size() == most) {
    known_.clear();
  }
  return known_.insert(sentence).second;
}

} // namespace dcrf
