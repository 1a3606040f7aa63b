#pragma once

#include "dcrf/actors/internal/periodic_tasks.hpp"
#include "dcrf/actors/sessions/internal/presence_follower.hpp"
#include "dcrf/actors/sessions/internal/task_actor.hpp"
#include "dcrf/actors/websocket_options.hpp"
#include "dcrf/consumer/served.hpp"
#include "dcrf/routing/internal/http_routes.hpp"
#include "dcrf/routing/internal/router.hpp"
#include "dcrf/session/endpoint.hpp"
#include "dcrf/store/migration.hpp"
#include "dcrf/store/schema.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// What an application has declared of its server, before the start.
class declarations {
public:
  struct websocket_route {
    endpoint make;
    websocket_options options;
  };

  /// Runs what declares something, and notes why that can't stand, if it throws
  /// `std::invalid_argument`.
  void note(const std::function<void()>& declaration);

  /// Adds classes that are served, each once.
  void serve(const std::vector<detail::served_class>& classes);

  /// Why the server can't be what it was declared to be.
  /// @param own_paths what the server answers over HTTP itself
  [[nodiscard]] std::optional<std::string>
  fault(const std::vector<std::string_view>& own_paths) const;

  /// Warns of consumers and views that let everybody in without saying so.
  void warn_of_open_classes() const;

  schema models;
  std::vector<migration> migrations;
  /// Whether all that the program has is this server's.
  bool is_whole_program = false;
  router<websocket_route> websockets;
  http_routes http;
  /// The bodies that paths take, where these are not of `--body-size`.
  router<std::size_t> body_sizes;
  authentication authenticating;
  std::vector<task_actor::body_function> starting;
  presence_follower::body_function following;
  std::vector<periodic_task> periodic;

private:
  std::vector<detail::served_class> served_;
  std::vector<std::string> faults_;
};

} // namespace dcrf::internal
