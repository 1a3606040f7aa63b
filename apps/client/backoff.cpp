#include "client/backoff.hpp"

#include <algorithm>

namespace client {

std::chrono::milliseconds backoff::next() {
  using rep = std::chrono::milliseconds::rep;
  std::uniform_int_distribution<rep> spread{delay_.count() / 2, delay_.count()};
  delay_ = std::min(delay_ * 2, last);
  return std::chrono::milliseconds{spread(random_)};
}

} // namespace client
