#pragma once

#include "dcrf/model/text_literal.hpp"
#include "dcrf/protocol/scope.hpp"

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dcrf {

/// How many requests in which time, and of whom.
struct throttle_descriptor {
  enum class subject : std::uint8_t {
    /// All connections of a user; those of anonymous users by their address.
    user,
    /// The same, of anonymous users only.
    anonymous,
    /// One connection, or one stream of it.
    connection,
  };

  subject of = subject::user;
  /// As it was written: `100/min`.
  std::string_view rate;
  std::size_t requests = 0;
  std::chrono::seconds period{};
};

/// When requests were made, for those who are throttled. Safe to use from any thread.
class throttle_history {
public:
  using clock = std::chrono::steady_clock;

  /// Counts a request of `who`, unless there were too many in the time before.
  /// @returns how long to wait if there were; such a request is not counted
  std::optional<std::chrono::seconds> count(const throttle_descriptor& throttle,
                                            const std::string& who, clock::time_point now);

private:
  struct requests {
    std::chrono::seconds period;
    std::deque<clock::time_point> times;
  };

  void forget(clock::time_point now);

  std::mutex mutex_;
  std::unordered_map<std::string, requests> by_subject_;
  std::size_t forget_at_ = 1024;
};

/// Whose requests a throttle counts together; nothing if it does not concern the connection.
[[nodiscard]] std::optional<std::string> throttled_subject(const throttle_descriptor& throttle,
                                                           const scope& connection);

namespace detail {

constexpr std::chrono::seconds period_of(char first_letter) {
  switch (first_letter) {
  case 's':
    return std::chrono::seconds{1};
  case 'm':
    return std::chrono::minutes{1};
  case 'h':
    return std::chrono::hours{1};
  case 'd':
    return std::chrono::hours{24};
  default:
    return {};
  }
}

/// Reads `100/min`: a number, and a word that begins with s, m, h or d. What is no rate has no
/// requests or no period.
constexpr throttle_descriptor parse_rate(throttle_descriptor::subject of, std::string_view rate) {
  throttle_descriptor result;
  result.of = of;
  result.rate = rate;
  // By index: gcc 12 with sanitizers takes no search in a template argument for constant.
  std::size_t at = 0;
  for (; at < rate.size() && rate[at] >= '0' && rate[at] <= '9'; ++at) {
    result.requests = result.requests * 10 + static_cast<std::size_t>(rate[at] - '0');
  }
  if (at + 1 < rate.size() && rate[at] == '/') {
    result.period = period_of(rate[at + 1]);
  }
  return result;
}

template <throttle_descriptor::subject Of, text_literal Rate>
struct rate {
  static constexpr auto descriptor = parse_rate(Of, Rate.view());

  static consteval bool is_right() {
    constexpr bool is_rate = descriptor.requests > 0 && descriptor.period.count() > 0;
    static_assert(is_rate, "dcrf: a rate is a number of requests, `/`, and s, min, hour or day: "
                           "\"100/min\"");
    return is_rate;
  }
};

template <class T>
concept is_rate =
    requires { requires std::same_as<decltype(T::descriptor), const throttle_descriptor>; };

} // namespace detail

/// So many requests of a user over all connections, of an anonymous one by address:
/// `user_rate<"100/min">`. As DRF's UserRateThrottle.
template <text_literal Rate>
struct user_rate : detail::rate<throttle_descriptor::subject::user, Rate> {};

/// So many requests of anonymous users by address. As DRF's AnonRateThrottle.
template <text_literal Rate>
struct anonymous_rate : detail::rate<throttle_descriptor::subject::anonymous, Rate> {};

/// So many requests over one connection.
template <text_literal Rate>
struct connection_rate : detail::rate<throttle_descriptor::subject::connection, Rate> {};

/// The throttles of a consumer: a request that one of them refuses is answered with 429 and the
/// time to wait.
///
///     using throttles = dcrf::throttles<dcrf::user_rate<"1000/day">,
///                                       dcrf::connection_rate<"20/s">>;
template <class... Rates>
struct throttles {
  static consteval bool are_right() {
    constexpr bool are_rates = (detail::is_rate<Rates> && ...);
    static_assert(are_rates, "dcrf: throttles<...> lists user_rate<>, anonymous_rate<> and "
                             "connection_rate<>");
    if constexpr (are_rates) {
      return (... && Rates::is_right());
    } else {
      return false;
    }
  }

  static constexpr auto rows = [] {
    if constexpr ((detail::is_rate<Rates> && ...)) {
      return std::array<throttle_descriptor, sizeof...(Rates)>{Rates::descriptor...};
    } else {
      return std::array<throttle_descriptor, 0>{};
    }
  }();
};

} // namespace dcrf
