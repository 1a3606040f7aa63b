#pragma once

#include "dcrf/actors/config.hpp"
#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/groups/internal/io_services.hpp"
#include "dcrf/actors/sessions/internal/node_sessions.hpp"
#include "dcrf/actors/sessions/internal/session_registry.hpp"
#include "dcrf/actors/sessions/internal/task_actor.hpp"
#include "dcrf/actors/store/internal/read_pool.hpp"
#include "dcrf/actors/store/internal/store_thread.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/actors/threads/internal/worker_pool.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace dcrf::internal {

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

/// The I/O threads of a server, its workers, and the actors that run there.
class server_threads {
public:
  using clock = std::chrono::steady_clock;

  /// @param config, directory outlive the threads
  server_threads(caf::actor_system& system, const actor_system_config& config,
                 group_directory& directory)
      : system_(&system), config_(&config), directory_(&directory) {}

  void start_workers() { workers_.emplace(worker_pool::limits{}); }
  /// What was offloaded goes back to the threads; what has not begun is dropped.
  void stop_workers() { workers_->join(); }

  /// @param store where commands go; outlives the threads
  /// @param own the same, if the database is here; else null
  /// @param models those of the database
  void start(repository_source& store, store_thread* own, const schema& models);
  void stop();

  /// Has the sessions learn what becomes of their users, on whatever node that is said.
  void watch_users();
  void stop_watching_users();
  /// Of the memberships of groups those that are the server's own.
  [[nodiscard]] std::size_t own_memberships() const noexcept { return own_memberships_; }

  /// Waits for the actors of connections and tasks; ends those that are not over in time.
  void end_sessions(clock::time_point deadline);

  /// Lets go of the threads, which were stopped.
  void clear();

  [[nodiscard]] const std::vector<std::unique_ptr<server_thread>>& all() const noexcept {
    return threads_;
  }
  /// The thread of what is not about a connection.
  [[nodiscard]] io_services& first() const { return threads_.at(0)->services; }
  [[nodiscard]] io_services& services_of(const io_thread& thread) const {
    return threads_[thread.number()]->services;
  }

  /// Counts an actor among the running ones, until it has ended.
  template <class Handle>
  void keep(const Handle& actor) {
    // It ends before the threads do, and so before the registry.
    actor->attach_functor([this, id = actor.id()] { sessions_.remove(id); });
    sessions_.add(actor);
  }

  /// Runs a task on an I/O thread, which the caller is on.
  /// @returns the actor that runs it
  caf::actor run_task(io_services& services, task_actor::body_function body,
                      task_actor::done_function done);
  /// Runs a task on the first thread, and waits for it. Not on an I/O thread.
  /// @throws what the task throws
  void run_and_wait(const task_actor::body_function& body);

  [[nodiscard]] session_registry& sessions() noexcept { return sessions_; }
  /// Answers other nodes what is asked about sessions.
  [[nodiscard]] const node_sessions_actor& own_sessions() const noexcept { return own_sessions_; }

private:
  void start_thread(repository_source& store, store_thread* own, const schema& models);
  void stop_thread(server_thread& x);

  caf::actor_system* system_;
  const actor_system_config* config_;
  group_directory* directory_;
  session_registry sessions_;
  throttle_history throttling_;
  std::optional<worker_pool> workers_;
  std::optional<read_pool> pool_;
  std::vector<std::unique_ptr<server_thread>> threads_;
  node_sessions_actor own_sessions_;
  caf::actor users_;
  std::atomic<std::size_t> own_memberships_{0};
};

} // namespace dcrf::internal
