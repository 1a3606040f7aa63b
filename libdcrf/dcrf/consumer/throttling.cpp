#include "dcrf/consumer/throttling.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

std::optional<std::chrono::seconds> throttle_history::count(const throttle_descriptor& throttle,
                                                            const std::string& who,
                                                            clock::time_point now) {
  std::string key{static_cast<char>('0' + static_cast<int>(throttle.of))};
  key += throttle.rate;
  key += ' ';
  key += who;
  std::lock_guard lock{mutex_};
  if (by_subject_.size() >= forget_at_) {
    forget(now);
  }
  auto& [period, times] = by_subject_.try_emplace(std::move(key)).first->second;
  period = throttle.period;
  while (!times.empty() && times.front() <= now - period) {
    times.pop_front();
  }
  if (times.size() >= throttle.requests) {
    return std::chrono::ceil<std::chrono::seconds>(times.front() + period - now);
  }
  times.push_back(now);
  return std::nullopt;
}

// Drops those who have not asked for long, at intervals that make it cost nothing on average.
void throttle_history::forget(clock::time_point now) {
  std::erase_if(by_subject_, [now](const auto& x) {
    const auto& [period, times] = x.second;
    return times.empty() || times.back() <= now - period;
  });
  forget_at_ = std::max<std::size_t>(1024, by_subject_.size() * 2);
}

std::optional<std::string> throttled_subject(const throttle_descriptor& throttle,
                                             const scope& connection) {
  const auto& user = connection.user;
  switch (throttle.of) {
  case throttle_descriptor::subject::user:
    return user.is_authenticated() ? "user " + to_string(user.pk.get())
                                   : "address " + connection.client;
  case throttle_descriptor::subject::anonymous:
    return user.is_authenticated() ? std::nullopt : std::optional{"address " + connection.client};
  case throttle_descriptor::subject::connection:
    return std::string{};
  }
  return std::nullopt;
}

} // namespace dcrf
