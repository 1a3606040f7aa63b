#pragma once

#include "dcrf/routing/route_pattern.hpp"

#include <deque>
#include <optional>
#include <string_view>
#include <utility>

namespace dcrf {

/// Finds what a path leads to: the first route that matches, in the order of their adding.
template <class Endpoint>
class router {
public:
  struct found {
    const Endpoint* endpoint;
    scope::pairs parameters;
  };

  /// @throws std::invalid_argument if the pattern is malformed
  Endpoint& add(std::string_view pattern, Endpoint endpoint) {
    return routes_.emplace_back(route_pattern{pattern}, std::move(endpoint)).second;
  }

  [[nodiscard]] std::optional<found> find(std::string_view path) const {
    for (const auto& [pattern, endpoint] : routes_) {
      if (auto parameters = pattern.match(path)) {
        return found{&endpoint, std::move(*parameters)};
      }
    }
    return std::nullopt;
  }

private:
  // A deque, so that endpoints stay where they are.
  std::deque<std::pair<route_pattern, Endpoint>> routes_;
};

} // namespace dcrf
