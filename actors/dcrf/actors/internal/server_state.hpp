#pragma once

#include "dcrf/actors/cluster/cluster_node.hpp"
#include "dcrf/actors/groups/group_directory.hpp"
#include "dcrf/actors/groups/io_services.hpp"
#include "dcrf/actors/internal/declarations.hpp"
#include "dcrf/actors/internal/periodic_tasks.hpp"
#include "dcrf/actors/internal/readiness.hpp"
#include "dcrf/actors/log_limit.hpp"
#include "dcrf/actors/net/listener.hpp"
#include "dcrf/actors/server.hpp"
#include "dcrf/actors/sessions/node_sessions.hpp"
#include "dcrf/actors/sessions/presence_follower.hpp"
#include "dcrf/actors/sessions/session_registry.hpp"
#include "dcrf/actors/sessions/task_actor.hpp"
#include "dcrf/actors/store/read_pool.hpp"
#include "dcrf/actors/store/store_thread.hpp"
#include "dcrf/actors/threads/worker_pool.hpp"
#include "dcrf/store/process_lock.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// A part of a server, which is started and stopped in its turn.
struct server_part {
  /// What it throws is an error, too.
  std::function<caf::error()> start;
  /// Also called after a start that failed half-way.
  std::function<void()> stop;
};

/// One I/O thread, and what its sessions share.
struct server_thread {
  server_thread(caf::actor_system& system, std::size_t number, group_directory& directory,
                repository_source& store, worker_pool& workers, throttle_history& throttling)
      : thread(system, number),
        services{.thread = thread,
                 .directory = directory,
                 .store = store,
                 .workers = workers,
                 .throttling = throttling,
                 .groups = group_table{directory, number}} {}

  io_thread thread;
  bool is_running = false;
  io_services services;
  group_actor groups;
};

/// What a server consists of. Its parts are started in the order of `parts`, and stopped in the
/// opposite one.
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
  repository_source& repositories() {
    return store ? static_cast<repository_source&>(store.value()) : *node.value().repositories();
  }

  /// @throws std::invalid_argument if this server is no node
  cluster_node& this_node();

  io_services& services_of(const io_thread& thread) const {
    return threads[thread.number()]->services;
  }

  /// Counts an actor among the running ones, until it has ended.
  template <class Handle>
  void keep(const Handle& actor) {
    // It ends before the threads do, and so before `sessions`.
    actor->attach_functor([this, id = actor.id()] { sessions.remove(id); });
    sessions.add(actor);
  }

  /// Runs a task on an I/O thread, which the caller is on.
  /// @returns the actor that runs it
  caf::actor run_task(io_services& services, task_actor::body_function body,
                      task_actor::done_function done);

  /// Asks the feed of the database, and waits for it.
  std::optional<feed::extent> ask_feed(bool prune);

  const actor_system_config& config;
  declarations declared;

  /// Waits for some time; returns whether the start is to be given up.
  std::function<bool(std::chrono::milliseconds)> pause;

  // -- what runs ----------------------------------------------------------------------------------

  group_directory directory;
  session_registry sessions;
  throttle_history throttling;
  readiness ready;
  /// What the server answers over HTTP itself, before any handler of the application.
  http_routes pages;
  std::optional<store_thread> store;
  std::optional<cluster_node> node;
  std::vector<std::unique_ptr<server_thread>> threads;
  node_sessions_actor own_sessions;
  std::unique_ptr<listener> listening;

private:
  [[nodiscard]] bool is_running() const noexcept { return started_ > 0; }
  [[nodiscard]] bool has_database() const noexcept { return config.cluster.repositories.empty(); }
  [[nodiscard]] std::vector<std::string_view> own_paths() const;

  std::vector<server_part> parts();

  caf::error check_declarations();
  caf::error reserve_port();
  caf::error open_store();
  bool try_start_store(std::chrono::steady_clock::time_point deadline);
  void stop_store();
  void tell_of_row(const std::string& sentence);
  readiness::probe_function database_probe();
  void make_node();
  void stop_node();
  caf::error start_node();
  void start_threads();
  void start_thread(std::size_t number);
  void stop_threads();
  void stop_thread(server_thread& x);
  void end_sessions();
  void follow_presence();
  void stop_following();
  caf::error run_on_start();
  caf::error run_once(const task_actor::body_function& body);
  caf::error listen();
  void tell_positions();
  void close_connections();
  void start_periodic();
  void stop_periodic();

  caf::actor_system* system_;
  said_before told_rows_;
  log_limit row_lines_;
  std::optional<bound_address> port_;
  std::optional<worker_pool> workers_;
  std::optional<process_lock> lock_;
  std::optional<read_pool> pool_;
  std::optional<presence_follower> follower_;
  std::optional<periodic_tasks> periodic_;
  std::shared_ptr<connection_acceptor> acceptor_;

  std::vector<server_part> running_;
  // How many of them were started; all before the one at hand are.
  std::size_t started_ = 0;
  std::chrono::steady_clock::time_point stopping_since_{};
};

} // namespace dcrf::internal
