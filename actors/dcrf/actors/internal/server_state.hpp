#pragma once

#include "dcrf/actors/cluster/internal/cluster_node.hpp"
#include "dcrf/actors/config.hpp"
#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/internal/client_connections.hpp"
#include "dcrf/actors/internal/declarations.hpp"
#include "dcrf/actors/internal/periodic_tasks.hpp"
#include "dcrf/actors/internal/readiness.hpp"
#include "dcrf/actors/internal/server_database.hpp"
#include "dcrf/actors/internal/server_parts.hpp"
#include "dcrf/actors/internal/server_threads.hpp"
#include "dcrf/actors/sessions/internal/presence_follower.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// What a server consists of, and the order in which that is started and stopped.
class server_state {
public:
  explicit server_state(caf::actor_system& x);

  /// Starts all parts; if one of them can't be, stops those that were started.
  /// @returns an error in words
  caf::error start();
  /// From now on the server is not ready. Waits until nobody is connected any more, or for as long
  /// as `--drain` says.
  void drain();

  /// Does nothing if it does not run.
  void stop();

  /// The database, here or at another node.
  repository_source& repositories();

  /// @throws std::invalid_argument if this server is no node
  cluster_node& this_node();

  const actor_system_config& config;
  declarations declared;

  /// How the start waits.
  server_database::pause_function pause;

  // -- what runs ----------------------------------------------------------------------------------

  group_directory directory;
  readiness ready;
  /// What the server answers over HTTP itself, before any handler of the application.
  http_routes pages;
  server_database database;
  std::optional<cluster_node> node;
  server_threads threads;
  client_connections clients;

private:
  [[nodiscard]] bool has_database() const noexcept { return config.cluster.repositories.empty(); }
  [[nodiscard]] std::vector<std::string_view> own_paths() const;

  server_parts parts();

  caf::error check_declarations();
  readiness::probe_function database_probe();
  void make_node();
  void stop_node();
  caf::error start_node();
  void start_threads();
  void follow_presence();
  void stop_following();
  caf::error run_on_start();
  caf::error listen();
  void close_connections();
  void tell_positions();
  void start_periodic();
  void stop_periodic();

  caf::actor_system* system_;
  std::optional<presence_follower> follower_;
  std::optional<periodic_tasks> periodic_;
  server_parts running_;
  std::chrono::steady_clock::time_point stopping_since_{};
};

} // namespace dcrf::internal
