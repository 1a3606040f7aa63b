#pragma once

#include "dcrf/routing/route_pattern.hpp"

#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
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

  /// @throws std::invalid_argument if the pattern is malformed, or matches the paths of another
  Endpoint& add(std::string_view pattern, Endpoint endpoint) {
    route_pattern added{pattern};
    for (const auto& [known, other] : routes_) {
      if (known.matches_as(added)) {
        throw std::invalid_argument("two routes of one path: " + known.text() + " and "
                                    + added.text());
      }
    }
    return routes_.emplace_back(std::move(added), std::move(endpoint)).second;
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
