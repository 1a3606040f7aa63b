#include "client/backoff.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace client {

std::chrono::milliseconds backoff::next() {
  using rep = std::chrono::milliseconds::rep;
  std::uniform_int_distribution<rep> spread{delay_.count() / 2, delay_.count()};
  delay_ = std::min(delay_ * 2, last);
  return std::chrono::milliseconds{spread(random_)};
}

std::optional<std::chrono::milliseconds> retry_after(std::string_view reason) {
  constexpr std::string_view words = "retry after ";
  constexpr double longest = 3600;
  double seconds = -1;
  if (reason.starts_with(words)) {
    auto from = reason.substr(words.size());
    auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), seconds);
    if (error != std::errc{} || from.substr(static_cast<std::size_t>(end - from.data())) != " s") {
      return std::nullopt;
    }
  }
  if (!(seconds >= 0 && seconds <= longest)) {
    return std::nullopt;
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

} // namespace client
