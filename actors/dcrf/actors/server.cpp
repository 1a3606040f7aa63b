#include "dcrf/actors/server.hpp"

#include "dcrf/actors/internal/database_commands.hpp"
#include "dcrf/actors/internal/server_state.hpp"
#include "dcrf/actors/internal/service_manager.hpp"
#include "dcrf/actors/sessions/internal/user_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace dcrf {

namespace {

// By default glibc keeps more of what is freed the larger it was, in the arena of each thread: a
// few large messages, long ago, and a server stays as large as it was then (mallopt(3)).
void give_back_large_blocks() {
  constexpr int large = 128 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, large);
}

void reload_on_hangup(boost::asio::signal_set& signals, const std::function<void()>& reload) {
  signals.async_wait([&signals, reload](const boost::system::error_code& ec, int) {
    if (!ec) {
      reload();
      reload_on_hangup(signals, reload);
    }
  });
}

void log_reload(const caf::error& error) {
  if (error) {
    spdlog::error("reloading: {}; what was read before is used",
                  actor_system_config::render(error));
  } else {
    spdlog::info("the certificates were read again");
  }
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

} // namespace

// -- declarations ---------------------------------------------------------------------------------

server::server(caf::actor_system& system)
    : state_(std::make_unique<internal::server_state>(system)) {}

server::~server() { stop(); }

void server::models(schema x) {
  declare([&] {
    auto& known = state_->declared.models;
    if (!known.models().empty()) {
      throw std::invalid_argument("the models were given twice: list them all in one call");
    }
    known = std::move(x);
  });
}

void server::migrations(std::vector<migration> x) { state_->declared.migrations = std::move(x); }

void server::websocket(std::string_view pattern, endpoint make, const websocket_options& options) {
  declare([&] {
    check_options(options);
    state_->declared.websockets.add(pattern, {std::move(make), options});
  });
}

void server::http(std::string_view method, std::string_view pattern, http_handler handler) {
  declare([&] { state_->declared.http.add(method, pattern, std::move(handler)); });
}

void server::http(std::string_view method, std::string_view pattern, http_handler handler,
                  without_user_t) {
  declare([&] { state_->declared.http.add(method, pattern, std::move(handler), without_user); });
}

void server::http(std::string_view pattern, http_handler handler) {
  declare([&] { state_->declared.http.add(pattern, std::move(handler)); });
}

void server::body_size(std::string_view pattern, std::size_t bytes) {
  declare([&] { state_->declared.body_sizes.add(pattern, bytes); });
}

void server::declare(const std::function<void()>& declaration) {
  state_->declared.note(declaration);
}

void server::serve(std::vector<detail::served_class> classes) { state_->declared.serve(classes); }

void server::not_found(http_handler handler) {
  state_->declared.http.add_not_found(std::move(handler));
}

void server::static_files(std::string_view path, const dcrf::static_files& files) {
  http("GET", std::string{path} + "<path:name>", files.handler(), without_user);
}

void server::authenticate(authenticator x) { authenticate(authentication{std::move(x)}); }

void server::authenticate(authentication x) { state_->declared.authenticating = std::move(x); }

void server::on_start(std::function<task<>(const runtime&)> body) {
  state_->declared.starting.push_back(std::move(body));
}

void server::on_presence(std::function<task<>(const runtime&, const std::string& key)> body) {
  state_->declared.following = std::move(body);
}

void server::every(std::chrono::nanoseconds period, std::function<task<>(const runtime&)> body) {
  declare([&] {
    if (period < std::chrono::milliseconds{1}) {
      throw std::invalid_argument("a periodic task wants a period of at least a millisecond");
    }
    state_->declared.periodic.push_back({period, std::move(body)});
  });
}

// -- running --------------------------------------------------------------------------------------

caf::error server::start() { return state_->start(); }

int server::run() {
  state_->declared.is_whole_program = true;
  const auto& config = state_->config;
  if (config.migrate == "plan") {
    return internal::print_plan(config, state_->declared);
  }
  if (!config.dump_file.empty() || !config.load_file.empty()) {
    return internal::move_rows(config, state_->declared);
  }
  give_back_large_blocks();
  const internal::service_manager manager;
  boost::asio::io_context waiting;
  boost::asio::signal_set signals{waiting, SIGINT, SIGTERM};
  bool is_signalled = false;
  bool is_hurried = false;
  signals.async_wait([&](const boost::system::error_code&, int signal) {
    is_signalled = true;
    // Whoever sits before it does not want to wait.
    is_hurried = signal == SIGINT;
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
  for (const auto& address : state_->clients.addresses()) {
    std::printf("listening on %s\n", address.c_str());
  }
  std::fflush(stdout);
  boost::asio::signal_set reloads{waiting};
  if (state_->clients.has_tls()) {
    reloads.add(SIGHUP);
  }
  reload_on_hangup(reloads, [&] {
    manager.reloading();
    log_reload(reload());
    manager.ready();
  });
  manager.ready();
  while (!is_signalled) {
    waiting.run_one();
  }
  manager.stopping();
  if (!is_hurried) {
    state_->drain();
  }
  stop();
  return 0;
}

caf::error server::reload() {
  auto problem = state_->clients.read_certificates();
  return problem.empty() ? caf::none : internal::start_error("certificate: " + problem);
}

void server::stop() { state_->stop(); }

std::uint16_t server::port() const noexcept { return state_->clients.port(); }

// -- composing ------------------------------------------------------------------------------------

repository_actor server::repository(const model_descriptor& model) const {
  return state_->repositories().repository(model);
}

group_actor server::groups() const { return state_->threads.all().at(0)->groups; }

const std::string& server::node_name() const noexcept { return state_->config.cluster.node_name; }

std::vector<session_actor> server::sessions() const {
  return state_->threads.sessions().sessions();
}

void server::revoke(const key& user) const { tell_of_user(state_->directory, user, 0); }

void server::kick(const key& user, std::uint16_t code) const {
  if (code < 4000 || code > 4999) {
    throw std::invalid_argument("dcrf: users are kicked with a code from 4000 to 4999");
  }
  tell_of_user(state_->directory, user, code);
}

std::optional<feed::extent> server::feed_extent() const { return state_->database.ask_feed(false); }

std::optional<feed::extent> server::prune_feed() { return state_->database.ask_feed(true); }

channel_layer& server::channels() const noexcept { return state_->directory; }

std::vector<cluster::node_status> server::other_nodes() const {
  return state_->node ? state_->node->nodes() : std::vector<cluster::node_status>{};
}

repository_actor server::repository_of(const std::string& node,
                                       const model_descriptor& model) const {
  return node == node_name() && state_->database.store() != nullptr
             ? repository(model)
             : state_->this_node().repository(model, node);
}

node_sessions_actor server::sessions_of(const std::string& node) const {
  return node == node_name() ? state_->threads.own_sessions() : state_->this_node().sessions(node);
}

server::statistics server::stats() const {
  statistics result;
  result.sessions = state_->threads.sessions().session_count();
  for (const auto& x : state_->threads.all()) {
    result.memberships += x->services.groups.size();
  }
  result.memberships -= std::min(result.memberships, state_->threads.own_memberships());
  if (const auto* store = state_->database.store()) {
    result.live_queries = store->lists();
  }
  return result;
}

} // namespace dcrf
