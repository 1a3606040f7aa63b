#include "dcrf/actors/internal/server_state.hpp"

#include "dcrf/actors/groups/group_broadcaster.hpp"
#include "dcrf/actors/internal/database_commands.hpp"
#include "dcrf/actors/internal/descriptors.hpp"
#include "dcrf/actors/internal/session_maker.hpp"
#include "dcrf/actors/internal/status_pages.hpp"
#include "dcrf/actors/internal/store_options.hpp"
#include "dcrf/actors/store/direct_reads.hpp"
#include "dcrf/actors/store/pipelined_reads.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::uint16_t service_restart = 1012;

// So many connections are closed a second, and asked to come back a second.
constexpr int closed_per_second = 2500;
constexpr int returning_per_second = 200;
constexpr std::chrono::seconds longest_closing{4};
constexpr std::chrono::seconds latest_return{60};

// A stop takes 10 s at most: the connections' ends first, then what their actions still do.
constexpr std::chrono::seconds close_deadline{6};
constexpr std::chrono::seconds position_deadline{1};
constexpr std::chrono::seconds end_deadline{8};

// Other nodes are given this time before clients are let in.
constexpr std::chrono::seconds join_deadline{5};

// How often it is tried to reach a database that is waited for.
constexpr std::chrono::milliseconds between_attempts{1000};

constexpr std::size_t rows_told_per_second = 10;

const actor_system_config& config_of(const caf::actor_system& system) {
  const auto* config = dynamic_cast<const actor_system_config*>(&system.config());
  if (config == nullptr) {
    throw std::invalid_argument("dcrf::server wants an actor system made with a "
                                "dcrf::actor_system_config");
  }
  return *config;
}

caf::error error_of(std::string text) {
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

// Ends an actor, waits for that, and lets go of it.
template <class Handle>
void end_actor(Handle& actor) {
  if (actor) {
    std::promise<void> ended;
    actor->attach_functor([&ended] { ended.set_value(); });
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    ended.get_future().wait();
    actor = nullptr;
  }
}

// Descriptors or threads are short, say.
std::string text_of_start(const std::exception& failure) {
  auto text = fmt::format("starting: {}", failure.what());
  const auto* system = dynamic_cast<const std::system_error*>(&failure);
  auto is_short = system != nullptr
                  && (system->code() == std::errc::too_many_files_open
                      || system->code() == std::errc::too_many_files_open_in_system);
  return is_short
             ? text + "; raise the limit of open files (ulimit -n), or start fewer --io-threads"
             : text;
}

caf::error attempt(const std::function<caf::error()>& start) {
  try {
    return start ? start() : caf::none;
  } catch (const std::exception& failure) {
    return error_of(text_of_start(failure));
  } catch (...) {
    return error_of("starting: an unknown failure");
  }
}

caf::error cannot_listen(const actor_system_config& config, const std::error_code& reason) {
  return caf::make_error(
      caf::sec::cannot_open_port,
      fmt::format("can't listen on {}:{}: {}", config.address, config.port, reason.message()));
}

// Few go at once; 10,000 that come back at the same moment would hold up each other.
listener::farewell farewell_of(std::size_t connections) {
  using std::chrono::milliseconds;
  auto time = [connections](int per_second) {
    return milliseconds{static_cast<std::int64_t>(connections) * 1000 / per_second};
  };
  return {.code = service_restart,
          .spread = std::min<milliseconds>(time(closed_per_second), longest_closing),
          .return_within = std::min<milliseconds>(time(returning_per_second), latest_return)};
}

// A function that can't fail, as a start.
template <class Function>
std::function<caf::error()> always(Function function) {
  return [function] {
    function();
    return caf::error{};
  };
}

} // namespace

server_state::server_state(caf::actor_system& x)
    : config(config_of(x)),
      pause([](std::chrono::milliseconds time) {
        std::this_thread::sleep_for(time);
        return false;
      }),
      system_(&x),
      row_lines_(rows_told_per_second, std::chrono::seconds{1}) {}

cluster_node& server_state::this_node() {
  if (!node) {
    throw std::invalid_argument("this server is no node: it has no --cluster-address");
  }
  return *node;
}

// -- the order ------------------------------------------------------------------------------------

// What is cheap and fails often comes first, so that a server which can't start has touched
// nothing. The node is made before the threads that use it, and linked to others after them.
std::vector<server_part> server_state::parts() {
  auto is_node = config.cluster.is_enabled();
  // What others are using already must not be tidied up without knowing them.
  auto is_shared = has_database() && is_shared_database(config);
  std::vector<server_part> result;
  auto add = [&result](std::function<caf::error()> start, std::function<void()> stop = nullptr) {
    result.push_back({std::move(start), std::move(stop)});
  };
  add([this] { return check_declarations(); });
  add(always([this] { raise_descriptor_limit(config.limits.max_connections, config.io_threads); }));
  add([this] { return reserve_port(); });
  add(always([this] { workers_.emplace(worker_pool::limits{}); }));
  if (has_database()) {
    add([this] { return open_store(); }, [this] { stop_store(); });
  }
  if (is_node) {
    add(always([this] { make_node(); }), [this] { stop_node(); });
  }
  add(always([this] { start_threads(); }), [this] { stop_threads(); });
  // What was offloaded goes back to the threads.
  add(nullptr, [this] { workers_->join(); });
  add(nullptr, [this] { end_sessions(); });
  if (has_database() && declared.following) {
    add(always([this] { follow_presence(); }), [this] { stop_following(); });
  }
  if (is_shared) {
    add([this] { return start_node(); });
  }
  if (has_database()) {
    add([this] { return run_on_start(); });
  }
  if (has_database() && declared.following) {
    add(always([this] { follower_->start(); }), [this] { stop_following(); });
  }
  if (is_node && !is_shared) {
    add([this] { return start_node(); });
  }
  add([this] { return listen(); }, [this] { close_connections(); });
  add(always([this] { ready.open(database_probe()); }));
  if (has_database() && !declared.periodic.empty()) {
    add(always([this] { start_periodic(); }), [this] { stop_periodic(); });
  }
  return result;
}

caf::error server_state::start() {
  if (is_running()) {
    return error_of("the server runs already");
  }
  running_ = parts();
  for (const auto& part : running_) {
    ++started_;
    if (auto error = attempt(part.start)) {
      stop();
      return error;
    }
  }
  return caf::none;
}

void server_state::drain() {
  ready.close();
  if (!listening) {
    return;
  }
  auto gone = std::make_shared<std::promise<void>>();
  listening->when_empty([gone] { gone->set_value(); });
  gone->get_future().wait_for(config.drain);
}

void server_state::stop() {
  if (!is_running()) {
    return;
  }
  ready.close();
  stopping_since_ = std::chrono::steady_clock::now();
  while (started_ > 0) {
    if (const auto& stop_part = running_[--started_].stop) {
      stop_part();
    }
  }
  // They refer to each other, so they go when all of them have ended.
  listening.reset();
  acceptor_.reset();
  follower_.reset();
  periodic_.reset();
  threads.clear();
  pool_.reset();
  node.reset();
  store.reset();
  lock_.reset();
  workers_.reset();
  port_.reset();
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
    return error_of(std::move(*reason));
  }
  declared.warn_of_open_classes();
  return caf::none;
}

// -- the port -------------------------------------------------------------------------------------

caf::error server_state::reserve_port() {
  if (auto error = port_.emplace().bind(config.address, config.port)) {
    return cannot_listen(config, error);
  }
  return caf::none;
}

caf::error server_state::listen() {
  pages = status_pages(ready, node ? &*node : nullptr);
  std::vector<io_thread*> pointers;
  for (auto& x : threads) {
    pointers.push_back(&x->thread);
  }
  acceptor_ = make_session_acceptor(*this);
  listening = std::make_unique<listener>(std::move(pointers), acceptor_, config.limits);
  if (auto error = listening->listen(std::move(*port_))) {
    return cannot_listen(config, error);
  }
  return caf::none;
}

// Live subscriptions can go on from where they are, elsewhere or later.
void server_state::tell_positions() {
  if (!store || !store->position()) {
    return;
  }
  auto left = std::make_shared<std::atomic<std::size_t>>(threads.size());
  auto told = std::make_shared<std::promise<void>>();
  store->tell_positions([this, left, told] {
    for (auto& x : threads) {
      x->thread.post([left, told] {
        if (--*left == 0) {
          told->set_value();
        }
      });
    }
  });
  told->get_future().wait_until(stopping_since_ + position_deadline);
}

void server_state::close_connections() {
  if (!listening) {
    return;
  }
  listening->stop();
  tell_positions();
  auto closed = std::make_shared<std::promise<void>>();
  listening->close_all(farewell_of(listening->connections()), [closed] { closed->set_value(); });
  closed->get_future().wait_until(stopping_since_ + close_deadline);
}

// The actors of connections, and tasks.
void server_state::end_sessions() {
  if (!sessions.wait_until_empty(stopping_since_ + end_deadline)) {
    spdlog::warn("{} sessions did not end in time", sessions.size());
    sessions.kill_all();
    sessions.wait_until_empty(stopping_since_ + end_deadline + std::chrono::seconds{1});
  }
}

// -- the database ---------------------------------------------------------------------------------

// A row that can't be read is in every list that shows it.
void server_state::tell_of_row(const std::string& sentence) {
  if (told_rows_.is_new(sentence) && row_lines_.pass()) {
    spdlog::warn("database: {}", sentence);
  }
}

caf::error server_state::open_store() {
  auto options = database_of(config, declared.models);
  options.report = [this](const std::string& x) { tell_of_row(x); };
  auto deadline = std::chrono::steady_clock::now() + config.database_wait;
  try {
    if (!config.share_database) {
      lock_.emplace(options);
    }
    store.emplace(*system_, std::move(options), declared.models, directory);
    store->resume_limit(config.resume_limit);
    store->on_gap([this] { directory.publish_gap(config.cluster.node_name); });
    while (!try_start_store(deadline)) {
      if (pause(between_attempts)) {
        return error_of("stopped while waiting for the database");
      }
    }
  } catch (const std::exception& failure) {
    return error_of(text_of(config, failure));
  }
  return caf::none;
}

// Whether the database could be reached; if not, it may be before the deadline.
bool server_state::try_start_store(std::chrono::steady_clock::time_point deadline) {
  try {
    auto mode = config.migrate == "off" ? migration_mode::off : migration_mode::run;
    for (const auto& step : store->start(declared.migrations, mode)) {
      spdlog::info("database: {}", step);
    }
    return true;
  } catch (const store_failure& failure) {
    if (failure.error().code != store_errc::unavailable
        || std::chrono::steady_clock::now() >= deadline) {
      throw;
    }
    spdlog::warn("waiting for the database: {}", failure.what());
    return false;
  }
}

void server_state::stop_store() {
  if (store) {
    store->stop();
  }
}

// One that is at another node is that node's to ask.
readiness::probe_function server_state::database_probe() {
  if (!store || declared.models.models().empty()) {
    return nullptr;
  }
  return [this](const std::function<void(bool)>& done) {
    if (store->has_failed()) {
      store->try_again(done);
      return;
    }
    auto& services = threads.front()->services;
    services.thread.post([this, &services, done] {
      auto body = [model = declared.models.models().front()](const runtime& within) -> task<> {
        co_await store_call{within.where(),
                            {count_command{.rows = {.model = model}, .exists_only = true}}};
      };
      run_task(services, body, [done](const std::exception_ptr& error) { done(error == nullptr); });
    });
  };
}

std::optional<feed::extent> server_state::ask_feed(bool prune) {
  if (!store) {
    return std::nullopt;
  }
  std::promise<std::optional<feed::extent>> answer;
  store->ask_feed(prune, [&answer](auto found) { answer.set_value(std::move(found)); });
  return answer.get_future().get();
}

// -- threads --------------------------------------------------------------------------------------

void server_state::start_threads() {
  auto reading = reading_connections(config);
  if (store && reading.of_pool > 0 && !config.no_direct_reads
      && pipelined_reader::is_possible_for(store->options())) {
    pool_.emplace(store->options(), declared.models,
                  read_pool::limits{.connections = reading.of_pool});
  }
  for (std::size_t i = 0; i < config.io_threads; ++i) {
    start_thread(i);
  }
  auto answer = [this](const session_question& x, const node_sessions::answer_function& then) {
    then(answer_of(sessions, x));
  };
  own_sessions = caf::actor_cast<node_sessions_actor>(
      spawn_pinned<node_sessions>(threads.front()->thread, answer));
}

void server_state::start_thread(std::size_t number) {
  auto& added = *threads.emplace_back(std::make_unique<server_thread>(
      *system_, number, directory, repositories(), *workers_, throttling));
  added.services.is_pipelining = !config.no_pipelining;
  added.services.logs_requests = config.log_requests;
  added.thread.start();
  // A stop waits for it.
  added.is_running = true;
  if (store && !config.no_direct_reads && snapshot_reader::is_possible_for(store->options())) {
    added.services.reads = std::make_shared<direct_reads>(added.thread, *store);
  }
  if (pool_) {
    added.services.pipeline =
        std::make_shared<pipelined_reads>(added.thread, *pool_, store->options(), declared.models,
                                          reading_connections(config).of_each_thread);
  }
  auto groups = spawn_pinned<group_broadcaster>(added.thread, added.services);
  added.groups = caf::actor_cast<group_actor>(groups);
  directory.add(caf::actor_cast<caf::actor>(groups));
}

void server_state::stop_threads() {
  if (pool_) {
    pool_->stop();
  }
  directory.clear();
  end_actor(own_sessions);
  for (auto& x : threads) {
    if (x->is_running) {
      stop_thread(*x);
    }
  }
}

// The connections that read close before the one that writes, which leaves the database whole.
void server_state::stop_thread(server_thread& x) {
  end_actor(x.groups);
  // What was posted to the thread before is done when this comes to its turn.
  std::promise<void> handled;
  x.thread.post([&handled, &services = x.services] {
    if (services.pipeline) {
      services.pipeline->close();
    }
    handled.set_value();
  });
  handled.get_future().wait();
  x.thread.stop();
  x.services.reads.reset();
}

// Runs a task on an I/O thread, which the caller is on.
caf::actor server_state::run_task(io_services& services, task_actor::body_function body,
                                  task_actor::done_function done) {
  auto actor =
      spawn_pinned<task_actor>(services.thread, services, std::move(body), std::move(done));
  auto* raw = caf::actor_cast<task_actor*>(actor);
  auto handle = caf::actor_cast<caf::actor>(actor);
  keep(handle);
  raw->open();
  return handle;
}

caf::error server_state::run_on_start() {
  for (const auto& body : declared.starting) {
    if (auto error = run_once(body)) {
      return error;
    }
  }
  return caf::none;
}

caf::error server_state::run_once(const task_actor::body_function& body) {
  std::promise<void> finished;
  auto& services = threads.front()->services;
  services.thread.post([&] {
    run_task(services, body, [&finished](const std::exception_ptr& error) {
      if (error) {
        finished.set_exception(error);
      } else {
        finished.set_value();
      }
    });
  });
  finished.get_future().get();
  return caf::none;
}

void server_state::start_periodic() {
  auto& services = threads.front()->services;
  auto run = [this, &services](task_actor::body_function body, task_actor::done_function done) {
    return run_task(services, std::move(body), std::move(done));
  };
  periodic_.emplace(services.thread, declared.periodic, run);
  periodic_->start(database_of(config, declared.models), config.cluster.cluster_name);
}

void server_state::stop_periodic() {
  if (periodic_) {
    periodic_->stop();
  }
}

// -- presence and other nodes ---------------------------------------------------------------------

void server_state::follow_presence() {
  auto& services = threads.front()->services;
  auto run = [this, &services](task_actor::body_function body, task_actor::done_function done) {
    run_task(services, std::move(body), std::move(done));
  };
  follower_.emplace(services.thread, directory.presences(), declared.following, run);
}

void server_state::stop_following() {
  if (follower_) {
    follower_->stop();
  }
}

void server_state::make_node() {
  node.emplace(*system_, config.cluster, directory, declared.models, sessions);
}

void server_state::stop_node() {
  if (node) {
    node->stop();
  }
}

caf::error server_state::start_node() {
  if (auto error = node->start(store ? &*store : nullptr)) {
    return error;
  }
  if (!node->wait_until_settled(join_deadline)) {
    spdlog::warn("cluster: not all nodes are there, clients are let in nevertheless");
  }
  return caf::none;
}

} // namespace dcrf::internal
