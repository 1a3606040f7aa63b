#include "dcrf/actors/internal/server_state.hpp"

#include "dcrf/actors/internal/descriptors.hpp"
#include "dcrf/actors/internal/session_maker.hpp"
#include "dcrf/actors/internal/status_pages.hpp"
#include "dcrf/actors/internal/store_options.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace dcrf::internal {

namespace {

// A stop takes 10 s at most: the connections' ends first, then what their actions still do.
constexpr std::chrono::seconds position_deadline{1};
constexpr std::chrono::seconds close_deadline{6};
constexpr std::chrono::seconds end_deadline{8};

// Other nodes are given this time before clients are let in.
constexpr std::chrono::seconds join_deadline{5};

const actor_system_config& config_of(const caf::actor_system& system) {
  const auto* config = dynamic_cast<const actor_system_config*>(&system.config());
  if (config == nullptr) {
    throw std::invalid_argument("dcrf::server wants an actor system made with a "
                                "dcrf::actor_system_config");
  }
  return *config;
}

} // namespace

server_state::server_state(caf::actor_system& x)
    : config(config_of(x)),
      pause([](std::chrono::milliseconds time) {
        std::this_thread::sleep_for(time);
        return false;
      }),
      database(x, config, declared, directory),
      threads(x, config, directory),
      clients(config),
      system_(&x) {}

repository_source& server_state::repositories() {
  auto* store = database.store();
  return store != nullptr ? static_cast<repository_source&>(*store) : *node.value().repositories();
}

cluster_node& server_state::this_node() {
  if (!node) {
    throw std::invalid_argument("this server is no node: it has no --cluster-address");
  }
  return *node;
}

// -- the order ------------------------------------------------------------------------------------

// What is cheap and fails often comes first, so that a server which can't start has touched
// nothing. The node is made before the threads that use it, and linked to others after them.
server_parts server_state::parts() {
  auto is_node = config.cluster.is_enabled();
  // What others are using already must not be tidied up without knowing them.
  auto is_shared = has_database() && is_shared_database(config);
  server_parts result;
  result.add([this] { return check_declarations(); });
  result.add_sure(
      [this] { raise_descriptor_limit(config.limits.max_connections, config.io_threads); });
  result.add([this] { return clients.reserve(); });
  result.add_sure([this] { threads.start_workers(); });
  if (has_database()) {
    result.add([this] { return database.open(pause); }, [this] { database.stop(); });
  }
  if (is_node) {
    result.add_sure([this] { make_node(); }, [this] { stop_node(); });
  }
  result.add_sure([this] { start_threads(); }, [this] { threads.stop(); });
  // What was offloaded goes back to the threads.
  result.add(nullptr, [this] { threads.stop_workers(); });
  result.add(nullptr, [this] { threads.end_sessions(stopping_since_ + end_deadline); });
  if (has_database() && declared.following) {
    result.add_sure([this] { follow_presence(); }, [this] { stop_following(); });
  }
  if (is_shared) {
    result.add([this] { return start_node(); });
  }
  if (has_database()) {
    result.add([this] { return run_on_start(); });
  }
  if (has_database() && declared.following) {
    result.add_sure([this] { follower_->start(); }, [this] { stop_following(); });
  }
  if (is_node && !is_shared) {
    result.add([this] { return start_node(); });
  }
  // As clients do, it joins groups when other nodes can learn of that.
  result.add_sure([this] { threads.watch_users(); }, [this] { threads.stop_watching_users(); });
  result.add([this] { return listen(); }, [this] { close_connections(); });
  result.add_sure([this] { ready.open(database_probe()); });
  if (has_database() && !declared.periodic.empty()) {
    result.add_sure([this] { start_periodic(); }, [this] { stop_periodic(); });
  }
  return result;
}

caf::error server_state::start() {
  if (running_.are_running()) {
    return start_error("the server runs already");
  }
  running_ = parts();
  auto error = running_.start();
  if (error) {
    stop();
  }
  return error;
}

void server_state::drain() {
  ready.close();
  clients.drain();
}

void server_state::stop() {
  if (!running_.are_running()) {
    return;
  }
  ready.close();
  stopping_since_ = std::chrono::steady_clock::now();
  running_.stop();
  // They refer to each other, so they go when all of them have ended.
  clients.clear();
  follower_.reset();
  periodic_.reset();
  threads.clear();
  node.reset();
  database.clear();
}

std::vector<std::string_view> server_state::own_paths() const {
  std::vector<std::string_view> result{health_path, readiness_path};
  if (config.cluster.is_enabled()) {
    result.push_back(nodes_path);
  }
  return result;
}

caf::error server_state::check_declarations() {
  if (auto reason = declared.fault(own_paths())) {
    return start_error(std::move(*reason));
  }
  declared.warn_of_open_classes();
  return caf::none;
}

// -- clients --------------------------------------------------------------------------------------

caf::error server_state::listen() {
  pages = status_pages(ready, node ? &*node : nullptr);
  std::vector<io_thread*> pointers;
  for (const auto& x : threads.all()) {
    pointers.push_back(&x->thread);
  }
  return clients.listen(std::move(pointers), make_session_acceptor(*this));
}

void server_state::close_connections() {
  if (clients.is_listening()) {
    clients.refuse();
    tell_positions();
    clients.close(stopping_since_ + close_deadline);
  }
}

// Live subscriptions can go on from where they are, elsewhere or later.
void server_state::tell_positions() {
  auto* store = database.store();
  if (store == nullptr || !store->position()) {
    return;
  }
  auto left = std::make_shared<std::atomic<std::size_t>>(threads.all().size());
  auto told = std::make_shared<std::promise<void>>();
  store->tell_positions([this, left, told] {
    for (const auto& x : threads.all()) {
      x->thread.post([left, told] {
        if (--*left == 0) {
          told->set_value();
        }
      });
    }
  });
  told->get_future().wait_until(stopping_since_ + position_deadline);
}

// A database that is at another node is that node's to ask.
readiness::probe_function server_state::database_probe() {
  auto* store = database.store();
  if (store == nullptr || declared.models.models().empty()) {
    return nullptr;
  }
  return [this, store](const std::function<void(bool)>& done) {
    if (store->has_failed()) {
      store->try_again(done);
      return;
    }
    threads.first().thread.post([this, done] {
      auto body = [model = declared.models.models().front()](const runtime& within) -> task<> {
        co_await store_call{within.where(),
                            {count_command{.rows = {.model = model}, .exists_only = true}}};
      };
      threads.run_task(threads.first(), body,
                       [done](const std::exception_ptr& error) { done(error == nullptr); });
    });
  };
}

// -- threads and tasks ----------------------------------------------------------------------------

void server_state::start_threads() {
  threads.start(repositories(), database.store(), declared.models);
}

caf::error server_state::run_on_start() {
  for (const auto& body : declared.starting) {
    threads.run_and_wait(body);
  }
  return caf::none;
}

void server_state::start_periodic() {
  auto run = [this](task_actor::body_function body, task_actor::done_function done) {
    return threads.run_task(threads.first(), std::move(body), std::move(done));
  };
  periodic_.emplace(threads.first().thread, declared.periodic, run);
  periodic_->start(database_of(config, declared.models), config.cluster.cluster_name);
}

void server_state::stop_periodic() {
  if (periodic_) {
    periodic_->stop();
  }
}

// -- presence and other nodes ---------------------------------------------------------------------

void server_state::follow_presence() {
  auto run = [this](task_actor::body_function body, task_actor::done_function done) {
    threads.run_task(threads.first(), std::move(body), std::move(done));
  };
  follower_.emplace(threads.first().thread, directory.presences(), declared.following, run);
}

void server_state::stop_following() {
  if (follower_) {
    follower_->stop();
  }
}

void server_state::make_node() {
  node.emplace(*system_, config.cluster, directory, declared.models, threads.sessions());
}

void server_state::stop_node() {
  if (node) {
    node->stop();
  }
}

caf::error server_state::start_node() {
  if (auto error = node->start(database.store())) {
    return error;
  }
  if (!node->wait_until_settled(join_deadline)) {
    spdlog::warn("cluster: not all nodes are there, clients are let in nevertheless");
  }
  return caf::none;
}

} // namespace dcrf::internal
