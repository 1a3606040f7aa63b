#include "dcrf/actors/server.hpp"

#include "dcrf/actors/cluster/cluster_node.hpp"
#include "dcrf/actors/cluster/node_pages.hpp"
#include "dcrf/actors/feed_limits.hpp"
#include "dcrf/actors/groups/group_broadcaster.hpp"
#include "dcrf/actors/groups/group_directory.hpp"
#include "dcrf/actors/log_limit.hpp"
#include "dcrf/actors/net/listener.hpp"
#include "dcrf/actors/sessions/node_sessions.hpp"
#include "dcrf/actors/sessions/presence_follower.hpp"
#include "dcrf/actors/sessions/session_registry.hpp"
#include "dcrf/actors/sessions/task_actor.hpp"
#include "dcrf/actors/sessions/websocket_session.hpp"
#include "dcrf/actors/store/direct_reads.hpp"
#include "dcrf/actors/store/pipelined_reads.hpp"
#include "dcrf/actors/store/read_pool.hpp"
#include "dcrf/actors/store/store_thread.hpp"
#include "dcrf/actors/threads/worker_pool.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/routing/http_routes.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <future>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace dcrf {

namespace {

constexpr std::uint16_t going_away = 1001;

// A stop takes 10 s at most: the connections' ends first, then what their actions still do.
constexpr std::chrono::seconds close_deadline{6};
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

// Nodes over one PostgreSQL find each other's changes there, where they have an order.
outside_changes outside_of(const actor_system_config& config) {
  bool is_shared = config.cluster.is_enabled() && config.database.starts_with("postgres");
  if (is_shared || config.outside_changes == "all") {
    return outside_changes::all;
  }
  return config.outside_changes == "programs" ? outside_changes::programs : outside_changes::off;
}

// Only what somebody can subscribe to is kept.
feed_options feed_of(const actor_system_config& config, const schema& models) {
  feed_options result{.retention = *read_retention(config.feed_retention)};
  if (result.retention.entries == 0) {
    return result;
  }
  auto observers = registered_observers();
  std::ranges::copy_if(models.models(), std::back_inserter(result.models), [&](const auto* model) {
    return std::ranges::find(observers, static_cast<const void*>(model),
                             &observer_descriptor::subject)
           != observers.end();
  });
  return result;
}

database_options database_of(const actor_system_config& config) {
  return {.url = config.database,
          .statement_timeout =
              std::chrono::ceil<std::chrono::milliseconds>(config.database_timeout),
          .outside = outside_of(config)};
}

// Where the connections that read PostgreSQL are; one more writes.
struct reading_plan {
  std::size_t of_each_thread = 0;
  std::size_t of_pool = 0;
};

reading_plan reading_connections(std::size_t wanted, std::size_t io_threads) {
  constexpr std::size_t most_of_each = 2;
  constexpr std::size_t usual_in_pool = 5;
  if (wanted == 0) {
    return {most_of_each, usual_in_pool};
  }
  // The pool opens the others, so it has the larger half.
  auto of_each = std::min(most_of_each, (wanted - 1) / 2 / io_threads);
  return {of_each, wanted - 1 - of_each * io_threads};
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

// By default glibc keeps more of what is freed the larger it was, in the arena of each thread: a
// few large messages, long ago, and a server stays as large as it was then (mallopt(3)).
void give_back_large_blocks() {
  constexpr int large = 128 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, large);
}

void check_options(const websocket_options& x) {
  auto is_within = [](int value, int least, int most) { return value >= least && value <= most; };
  const auto& y = x.compression;
  if (!is_within(y.server_window_bits, 9, 15) || !is_within(y.client_window_bits, 9, 15)
      || !is_within(y.level, 1, 9) || !is_within(y.memory_level, 1, 9)) {
    throw std::invalid_argument(
        "dcrf: compression wants windows of 9 to 15 bits, and levels from 1 "
        "to 9");
  }
}

// What a connection tells its session. Keeps the session's actor until the connection is gone.
class session_link final : public connection_handler {
public:
  session_link(caf::strong_actor_ptr handle, websocket_session* target)
      : handle_(std::move(handle)), session_(target) {}

  void on_frame(std::string_view payload, bool is_text) override {
    session_->receive(payload, is_text);
  }

  void on_drained() override { session_->drained(); }
  void on_stop() override { session_->stop(); }
  void on_closed(std::uint16_t code) override { session_->closed(code); }

private:
  caf::strong_actor_ptr handle_;
  websocket_session* session_;
};

} // namespace

// -- what runs ------------------------------------------------------------------------------------

// One I/O thread, and what its sessions share.
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
  io_services services;
  group_actor groups;
};

struct server::state {
  struct websocket_route {
    endpoint make;
    websocket_options options;
  };

  explicit state(caf::actor_system& x) : system(&x), config(config_of(x)) {}

  caf::actor_system* system;
  const actor_system_config& config;

  schema models;
  std::vector<detail::served_class> served;
  // Why declarations can't stand.
  std::vector<std::string> faults;
  // Whether all that the program has is this server's.
  bool is_whole_program = false;
  bool has_node_pages = false;
  router<websocket_route> websockets;
  http_routes http;
  router<std::size_t> body_sizes;
  authenticator authenticating;
  std::vector<task_actor::body_function> starting;
  presence_follower::body_function following;

  // Waits for some time; returns whether the start is to be given up.
  std::function<bool(std::chrono::milliseconds)> pause = [](std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
    return false;
  };

  group_directory directory;
  session_registry sessions;
  throttle_history throttling;
  said_before told_rows;
  log_limit row_lines{rows_told_per_second, std::chrono::seconds{1}};
  std::optional<worker_pool> workers;
  std::optional<cluster_node> node;
  std::optional<store_thread> store;
  std::optional<read_pool> pool;
  std::vector<std::unique_ptr<server_thread>> threads;
  std::optional<presence_follower> follower;
  node_sessions_actor own_sessions;
  std::shared_ptr<connection_acceptor> acceptor;
  std::unique_ptr<listener> listening;

  // The database, here or at another node.
  repository_source& repositories() {
    return store ? static_cast<repository_source&>(store.value()) : *node.value().repositories();
  }

  cluster_node& this_node() {
    if (!node) {
      throw std::invalid_argument("this server is no node: it has no --cluster-address");
    }
    return *node;
  }

  io_services& services_of(const io_thread& thread) const {
    return threads[thread.number()]->services;
  }

  // Counts an actor among the running ones, until it has ended.
  template <class Handle>
  void keep(const Handle& actor) {
    // It ends before the threads do, and so before `sessions`.
    actor->attach_functor([this, id = actor.id()] { sessions.remove(id); });
    sessions.add(actor);
  }

  [[nodiscard]] std::optional<std::string> fault() const;
  void warn_of_open_classes() const;
  caf::error start();
  void tell_of_row(const std::string& sentence);
  caf::error open_store();
  bool try_start_store(std::chrono::steady_clock::time_point deadline);
  caf::error start_node();
  caf::error listen();
  void start_threads();
  void follow_presence();
  void end_sessions();
  void stop_threads();
  void run_task(io_services& services, task_actor::body_function body,
                task_actor::done_function done);
  caf::error run_on_start();
  std::optional<feed::extent> ask_feed(bool prune);
};

// Makes the actors of the connections that a listener accepts.
class session_maker final : public connection_acceptor {
public:
  explicit session_maker(server::state& server) : server_(server) {}

  std::shared_ptr<connection_handler> on_websocket(io_thread& thread,
                                                   std::shared_ptr<connection> connection,
                                                   scope handshake) override {
    auto found = server_.websockets.find(handshake.path);
    if (!found) {
      return nullptr;
    }
    handshake.parameters = std::move(found->parameters);
    auto& services = server_.services_of(thread);
    const auto& route = *found->endpoint;
    auto actor =
        spawn_pinned<websocket_session>(thread, services, std::move(connection), route.options,
                                        session_limits{.bounds = server_.config.limits.session});
    auto* raw = caf::actor_cast<websocket_session*>(actor);
    server_.keep(caf::actor_cast<session_actor>(actor));
    raw->open(route.make, std::move(handshake), server_.authenticating);
    return std::make_shared<session_link>(caf::actor_cast<caf::strong_actor_ptr>(actor), raw);
  }

  void on_http(io_thread& thread, http_request request,
               std::function<void(http_response)> respond) override {
    if (server_.config.log_requests) {
      respond = logged(request, std::move(respond));
    }
    auto found = server_.http.find(request.method, request.scope.path);
    if (auto* refused = std::get_if<http_response>(&found)) {
      respond(std::move(*refused));
      return;
    }
    auto& [handler, parameters, needs_user] = std::get<http_routes::found>(found);
    request.scope.parameters = std::move(parameters);
    static const authenticator nobody;
    const auto* authenticate = needs_user ? &server_.authenticating : &nobody;
    server_.run_task(
        server_.services_of(thread),
        [authenticate, handler = handler, request = std::move(request),
         respond = std::move(respond)](const runtime& within) mutable -> task<> {
          respond(co_await handle_http(request, within, *authenticate, *handler));
        },
        nullptr);
  }

  std::optional<std::size_t> body_size(std::string_view path) const override {
    auto found = server_.body_sizes.find(path);
    return found ? std::optional{*found->endpoint} : std::nullopt;
  }

private:
  using respond_function = std::function<void(http_response)>;

  // The query may have secrets in it.
  static respond_function logged(const http_request& request, respond_function respond) {
    std::string path;
    append_json_string(path, request.scope.path);
    return [path = std::move(path), method = request.method, client = request.scope.client,
            started = std::chrono::steady_clock::now(),
            respond = std::move(respond)](http_response response) {
      std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
      spdlog::info("http: client={} method={} path={} status={} ms={:.3f}", client, method, path,
                   response.status, took.count());
      respond(std::move(response));
    };
  }

  server::state& server_;
};

// Why the server can't be what it was declared to be.
std::optional<std::string> server::state::fault() const {
  if (!faults.empty()) {
    return faults.front();
  }
  for (const auto& x : served) {
    if (auto fault = detail::fault_of(x, models)) {
      return fault;
    }
  }
  if (is_whole_program) {
    for (const auto* x : registered_observers()) {
      // Those that subscribe_instance uses belong to consumers, which are served or not.
      auto fault = x->make_up == nullptr ? detail::fault_of(*x, models) : std::nullopt;
      if (fault) {
        return fault;
      }
    }
  }
  if (auto name = repeated_observer_name()) {
    return fmt::format(
        "two observers are called {}, and other nodes could not tell them apart: put "
        "one into a namespace with a name of its own",
        *name);
  }
  return std::nullopt;
}

void server::state::warn_of_open_classes() const {
  for (const auto& x : served) {
    if (!x.has_permissions) {
      spdlog::warn("{} declares no permissions, so everybody is let in; if that is meant, write "
                   "`using permissions = dcrf::permissions<dcrf::allow_any>;`",
                   x.name);
    }
  }
}

void server::state::start_threads() {
  auto reading = reading_connections(config.database_connections, config.io_threads);
  if (store && reading.of_pool > 0 && !config.no_direct_reads
      && pipelined_reader::is_possible_for(store->options())) {
    pool.emplace(store->options(), models, read_pool::limits{.connections = reading.of_pool});
  }
  for (std::size_t i = 0; i < config.io_threads; ++i) {
    auto& added = *threads.emplace_back(std::make_unique<server_thread>(
        *system, i, directory, repositories(), *workers, throttling));
    // A stop waits for each thread that is there.
    added.thread.start();
    added.services.is_pipelining = !config.no_pipelining;
    added.services.logs_requests = config.log_requests;
    if (store && !config.no_direct_reads && snapshot_reader::is_possible_for(store->options())) {
      added.services.reads = std::make_shared<direct_reads>(added.thread, *store);
    }
    if (pool) {
      added.services.pipeline = std::make_shared<pipelined_reads>(
          added.thread, *pool, store->options(), models, reading.of_each_thread);
    }
    auto groups = spawn_pinned<group_broadcaster>(added.thread, added.services);
    added.groups = caf::actor_cast<group_actor>(groups);
    directory.add(caf::actor_cast<caf::actor>(groups));
  }
  auto answer = [this](const session_question& x, const node_sessions::answer_function& then) {
    then(answer_of(sessions, x));
  };
  own_sessions = caf::actor_cast<node_sessions_actor>(
      spawn_pinned<node_sessions>(threads.front()->thread, answer));
}

void server::state::follow_presence() {
  auto& services = threads.front()->services;
  auto run = [this, &services](task_actor::body_function body, task_actor::done_function done) {
    run_task(services, std::move(body), std::move(done));
  };
  follower.emplace(services.thread, directory.presences(), following, run);
}

void server::state::stop_threads() {
  if (pool) {
    pool->stop();
  }
  directory.clear();
  end_actor(own_sessions);
  for (auto& x : threads) {
    end_actor(x->groups);
    // What was posted to the thread before is done when this comes to its turn.
    std::promise<void> handled;
    x->thread.post([&handled, &services = x->services] {
      if (services.pipeline) {
        services.pipeline->close();
      }
      handled.set_value();
    });
    handled.get_future().wait();
    x->thread.stop();
  }
}

// Runs a task on an I/O thread, which the caller is on.
void server::state::run_task(io_services& services, task_actor::body_function body,
                             task_actor::done_function done) {
  auto actor =
      spawn_pinned<task_actor>(services.thread, services, std::move(body), std::move(done));
  auto* raw = caf::actor_cast<task_actor*>(actor);
  keep(caf::actor_cast<caf::actor>(actor));
  raw->open();
}

caf::error server::state::run_on_start() {
  for (const auto& body : starting) {
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
    try {
      finished.get_future().get();
    } catch (const std::exception& error) {
      return caf::make_error(caf::sec::runtime_error, fmt::format("starting: {}", error.what()));
    }
  }
  return caf::none;
}

// A row that can't be read is in every list that shows it.
void server::state::tell_of_row(const std::string& sentence) {
  if (told_rows.is_new(sentence) && row_lines.pass()) {
    spdlog::warn("database: {}", sentence);
  }
}

caf::error server::state::open_store() {
  auto options = database_of(config);
  options.feed = feed_of(config, models);
  options.report = [this](const std::string& x) { tell_of_row(x); };
  store.emplace(*system, std::move(options), models, directory);
  store->on_gap([this] { directory.publish_gap(config.cluster.node_name); });
  auto deadline = std::chrono::steady_clock::now() + config.database_wait;
  try {
    while (!try_start_store(deadline)) {
      if (pause(between_attempts)) {
        return caf::make_error(caf::sec::runtime_error, "stopped while waiting for the database");
      }
    }
  } catch (const std::exception& failure) {
    return caf::make_error(
        caf::sec::runtime_error,
        fmt::format("database {}: {}", without_password(config.database), failure.what()));
  }
  return caf::none;
}

std::optional<feed::extent> server::state::ask_feed(bool prune) {
  if (!store) {
    return std::nullopt;
  }
  std::promise<std::optional<feed::extent>> answer;
  store->ask_feed(prune, [&answer](auto found) { answer.set_value(std::move(found)); });
  return answer.get_future().get();
}

// Whether the database could be reached; if not, it may be before the deadline.
bool server::state::try_start_store(std::chrono::steady_clock::time_point deadline) {
  try {
    for (const auto& step : store->start()) {
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

caf::error server::state::start_node() {
  if (auto error = node->start(store ? &*store : nullptr)) {
    return error;
  }
  if (!node->wait_until_settled(join_deadline)) {
    spdlog::warn("cluster: not all nodes are there, clients are let in nevertheless");
  }
  return caf::none;
}

caf::error server::state::listen() {
  std::vector<io_thread*> pointers;
  for (auto& x : threads) {
    pointers.push_back(&x->thread);
  }
  acceptor = std::make_shared<session_maker>(*this);
  listening = std::make_unique<listener>(std::move(pointers), acceptor, config.limits);
  if (auto error = listening->listen(config.address, config.port)) {
    return caf::make_error(
        caf::sec::cannot_open_port,
        fmt::format("can't listen on {}:{}: {}", config.address, config.port, error.message()));
  }
  return caf::none;
}

caf::error server::state::start() {
  if (auto reason = fault()) {
    return caf::make_error(caf::sec::runtime_error, std::move(*reason));
  }
  workers.emplace(worker_pool::limits{});
  if (config.cluster.is_enabled()) {
    // At the same place at each start, so that the pages are added once.
    node.emplace(*system, config.cluster, directory, models, sessions);
    if (!std::exchange(has_node_pages, true)) {
      try {
        cluster::add_node_pages(http, *node);
      } catch (const std::invalid_argument& taken) {
        return caf::make_error(caf::sec::runtime_error,
                               fmt::format("{}, which is a page of each node", taken.what()));
      }
    }
  }
  warn_of_open_classes();
  bool has_database = config.cluster.repositories.empty();
  if (has_database) {
    if (auto error = open_store()) {
      return error;
    }
  }
  start_threads();
  if (has_database && following) {
    follow_presence();
  }
  // What others are using already must not be tidied up without knowing them.
  bool is_shared = node && store && !store->shared_name().empty();
  if (auto error = is_shared ? start_node() : caf::none) {
    return error;
  }
  if (auto error = has_database ? run_on_start() : caf::none) {
    return error;
  }
  if (follower) {
    follower->start();
  }
  if (auto error = node && !is_shared ? start_node() : caf::none) {
    return error;
  }
  return listen();
}

// Closes the connections and waits for the end of their actors.
void server::state::end_sessions() {
  auto started = std::chrono::steady_clock::now();
  if (listening) {
    listening->stop();
    auto closed = std::make_shared<std::promise<void>>();
    listening->close_all(going_away, [closed] { closed->set_value(); });
    closed->get_future().wait_until(started + close_deadline);
  }
  if (follower) {
    follower->stop();
  }
  if (!sessions.wait_until_empty(started + end_deadline)) {
    spdlog::warn("{} sessions did not end in time", sessions.size());
    sessions.kill_all();
    sessions.wait_until_empty(started + end_deadline + std::chrono::seconds{1});
  }
}

// -- declarations ---------------------------------------------------------------------------------

server::server(caf::actor_system& system) : state_(std::make_unique<state>(system)) {}

server::~server() { stop(); }

void server::models(schema x) {
  declare([&] {
    if (!state_->models.models().empty()) {
      throw std::invalid_argument("the models were given twice: list them all in one call");
    }
    state_->models = std::move(x);
  });
}

void server::websocket(std::string_view pattern, endpoint make, const websocket_options& options) {
  check_options(options);
  declare([&] { state_->websockets.add(pattern, {std::move(make), options}); });
}

void server::http(std::string_view method, std::string_view pattern, http_handler handler) {
  declare([&] { state_->http.add(method, pattern, std::move(handler)); });
}

void server::http(std::string_view method, std::string_view pattern, http_handler handler,
                  without_user_t) {
  declare([&] { state_->http.add(method, pattern, std::move(handler), without_user); });
}

void server::http(std::string_view pattern, http_handler handler) {
  declare([&] { state_->http.add(pattern, std::move(handler)); });
}

void server::body_size(std::string_view pattern, std::size_t bytes) {
  declare([&] { state_->body_sizes.add(pattern, bytes); });
}

void server::declare(const std::function<void()>& declaration) {
  try {
    declaration();
  } catch (const std::invalid_argument& fault) {
    state_->faults.emplace_back(fault.what());
  }
}

void server::serve(std::vector<detail::served_class> classes) {
  auto& known = state_->served;
  for (const auto& x : classes) {
    if (std::ranges::find(known, x.name, &detail::served_class::name) == known.end()) {
      known.push_back(x);
    }
  }
}

void server::not_found(http_handler handler) { state_->http.add_not_found(std::move(handler)); }

void server::static_files(std::string_view path, const dcrf::static_files& files) {
  http("GET", std::string{path} + "<path:name>", files.handler(), without_user);
}

void server::authenticate(authenticator x) { state_->authenticating = std::move(x); }

void server::on_start(std::function<task<>(const runtime&)> body) {
  state_->starting.push_back(std::move(body));
}

void server::on_presence(std::function<task<>(const runtime&, const std::string& key)> body) {
  state_->following = std::move(body);
}

// -- running --------------------------------------------------------------------------------------

caf::error server::start() {
  if (state_->workers) {
    return caf::make_error(caf::sec::runtime_error, "the server runs already");
  }
  caf::error error;
  try {
    error = state_->start();
  } catch (const std::exception& failure) {
    // Descriptors or threads are short, say.
    error = caf::make_error(caf::sec::runtime_error, fmt::format("starting: {}", failure.what()));
  }
  if (error) {
    stop();
  }
  return error;
}

int server::run() {
  state_->is_whole_program = true;
  give_back_large_blocks();
  boost::asio::io_context waiting;
  boost::asio::signal_set signals{waiting, SIGINT, SIGTERM};
  bool is_signalled = false;
  signals.async_wait([&](const boost::system::error_code&, int signal) {
    is_signalled = true;
    spdlog::info("stopping on {}; another signal ends at once",
                 signal == SIGINT ? "SIGINT" : "SIGTERM");
    signals.clear();
  });
  state_->pause = [&](std::chrono::milliseconds time) {
    waiting.run_for(time);
    return is_signalled;
  };
  if (auto error = start()) {
    if (is_signalled) {
      return 0;
    }
    std::fprintf(stderr, "error: %s\n", actor_system_config::render(error).c_str());
    return 1;
  }
  std::printf("listening on http://%s:%u\n", state_->config.address.c_str(), unsigned{port()});
  std::fflush(stdout);
  waiting.run();
  stop();
  return 0;
}

void server::stop() {
  auto& x = *state_;
  if (!x.workers) {
    return;
  }
  x.end_sessions();
  x.workers->join();
  x.stop_threads();
  if (x.node) {
    x.node->stop();
  }
  if (x.store) {
    x.store->stop();
  }
  x.listening.reset();
  x.follower.reset();
  x.threads.clear();
  x.pool.reset();
  x.node.reset();
  x.store.reset();
  x.workers.reset();
}

std::uint16_t server::port() const noexcept {
  return state_->listening ? state_->listening->port() : std::uint16_t{0};
}

// -- composing ------------------------------------------------------------------------------------

repository_actor server::repository(const model_descriptor& model) const {
  return state_->repositories().repository(model);
}

group_actor server::groups() const { return state_->threads.at(0)->groups; }

const std::string& server::node_name() const noexcept { return state_->config.cluster.node_name; }

std::vector<session_actor> server::sessions() const { return state_->sessions.sessions(); }

std::optional<feed::extent> server::feed_extent() const { return state_->ask_feed(false); }

std::optional<feed::extent> server::prune_feed() { return state_->ask_feed(true); }

channel_layer& server::channels() const noexcept { return state_->directory; }

std::vector<cluster::node_status> server::other_nodes() const {
  return state_->node ? state_->node->nodes() : std::vector<cluster::node_status>{};
}

repository_actor server::repository_of(const std::string& node,
                                       const model_descriptor& model) const {
  return node == node_name() && state_->store ? repository(model)
                                              : state_->this_node().repository(model, node);
}

node_sessions_actor server::sessions_of(const std::string& node) const {
  return node == node_name() ? state_->own_sessions : state_->this_node().sessions(node);
}

server::statistics server::stats() const {
  statistics result;
  result.sessions = state_->sessions.session_count();
  for (const auto& x : state_->threads) {
    result.memberships += x->services.groups.size();
  }
  return result;
}

} // namespace dcrf
