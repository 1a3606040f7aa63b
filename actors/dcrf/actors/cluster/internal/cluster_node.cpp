#include "dcrf/actors/cluster/internal/cluster_node.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"
#include "dcrf/actors/cluster/internal/node_actor.hpp"
#include "dcrf/actors/cluster/internal/transport.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace dcrf {

namespace {

// BASP carries messages of up to 4 GiB, and the other node holds each of them whole.
constexpr std::size_t largest_event = 64 * 1024 * 1024;

std::uint64_t now_in_microseconds() {
  return static_cast<std::uint64_t>(timestamp::now().microseconds());
}

// Called on the node's thread, and only while there is a link.
using remotes_function = std::function<cluster::remote_nodes&()>;

cluster::remote_repositories::line line_to(const std::string& name,
                                           const remotes_function& remotes) {
  return {
      .send = [=](std::uint64_t id, const command& x) { remotes().ask(name, id, x); },
      .abandon = [=](std::uint64_t transaction) { remotes().abandon(name, transaction); },
      .catch_up = [=](std::uint64_t number) { remotes().ask_to_catch_up(name, number); },
  };
}

} // namespace

struct cluster_node::running {
  running(caf::actor_system& system, const cluster_options& given)
      : options(given), thread(system, 0, "node"), way(system, given) {}

  const cluster_options& options;
  io_thread thread;
  cluster::transport way;
  // The node whose database this one uses; null if it has its own.
  cluster::remote_node* database = nullptr;
  caf::actor handle;
  cluster::node_actor* actor = nullptr;
  cluster::identity self;
  std::uint16_t port = 0;

  // By name: those that somebody has asked for.
  std::mutex remotes_mutex;
  std::map<std::string, std::unique_ptr<cluster::remote_node>> remotes;

  std::mutex mutex;
  std::condition_variable changed;
  bool is_settled = false;
  std::atomic<bool> is_ready{false};

  void stop_remotes() {
    std::lock_guard lock{remotes_mutex};
    for (const auto& [name, node] : remotes) {
      node->stop();
    }
  }

  // Called on the thread.
  void note_change() {
    bool settled = actor->is_settled();
    is_ready = actor->has_repositories();
    std::lock_guard lock{mutex};
    is_settled = is_settled || settled;
    changed.notify_all();
  }
};

cluster_node::cluster_node(caf::actor_system& system, const cluster_options& options,
                           group_directory& directory, const schema& models,
                           const session_registry& sessions)
    : system_(&system),
      options_(options),
      directory_(&directory),
      models_(&models),
      sessions_(&sessions),
      running_(std::make_unique<running>(system, options_)) {
  if (!options_.repositories.empty()) {
    running_->database = &remote(options_.repositories);
  }
}

cluster_node::~cluster_node() { stop(); }

repository_source* cluster_node::repositories() noexcept {
  return running_->database != nullptr ? &running_->database->repositories : nullptr;
}

caf::error cluster_node::start(repository_source* local) {
  auto& x = *running_;
  auto actor = spawn_pinned<cluster::node_actor>(
      x.thread, cluster::node_parts{.thread = x.thread,
                                    .directory = *directory_,
                                    .peers = peers_,
                                    .models = *models_,
                                    .local = local,
                                    .remote = x.database,
                                    .sessions = *sessions_,
                                    .options = options_,
                                    .way = x.way,
                                    .changed = [&x] { x.note_change(); }});
  x.actor = caf::actor_cast<cluster::node_actor*>(actor);
  x.handle = caf::actor_cast<caf::actor>(actor);
  x.thread.start();
  if (auto error = listen()) {
    return error;
  }
  auto incarnation = now_in_microseconds();
  x.self = {.cluster = options_.cluster_name,
            .name = options_.node_name,
            .address = address(),
            .incarnation = incarnation,
            .fingerprint = cluster::fingerprint(*models_),
            .store = local != nullptr ? local->shared_name() : std::string{}};
  if (local != nullptr && x.self.store.empty()) {
    x.self.store = fmt::format("{} {}", options_.node_name, incarnation);
  }
  directory_->links(this);
  directory_->presences().tell([&x](std::uint64_t number, const presence_table::entry* came) {
    auto entry = came != nullptr ? std::optional{*came} : std::nullopt;
    x.thread.post([&x, number, entry] { x.actor->presences().tell(number, entry); });
  });
  x.thread.post([&x] {
    x.actor->open(x.self);
    if (x.database != nullptr) {
      x.actor->remotes().add(x.options.repositories, *x.database);
    }
  });
  spdlog::info("cluster: node {} of {} listens on {}{}", options_.node_name, options_.cluster_name,
               address(), options_.has_tls() ? " with TLS" : "");
  return caf::none;
}

caf::error cluster_node::listen() {
  auto& x = *running_;
  auto port = x.way.publish(x.handle, *cluster::parse_address(options_.address));
  if (!port) {
    return caf::make_error(caf::sec::cannot_open_port,
                           fmt::format("can't listen for nodes on {}: {}", options_.address,
                                       system_->render(port.error())));
  }
  x.port = *port;
  return caf::none;
}

bool cluster_node::wait_until_settled(std::chrono::milliseconds timeout) {
  auto& x = *running_;
  std::unique_lock lock{x.mutex};
  return x.changed.wait_for(lock, timeout, [&x] { return x.is_settled; });
}

void cluster_node::stop() {
  if (!running_) {
    return;
  }
  auto& x = *running_;
  if (x.handle) {
    x.stop_remotes();
    std::promise<void> left;
    x.thread.post([&x, &left] {
      x.actor->leave();
      left.set_value();
    });
    left.get_future().wait();
    x.way.unpublish(x.handle->address(), x.port);
    std::promise<void> ended;
    x.handle->attach_functor([&ended] { ended.set_value(); });
    caf::anon_send_exit(x.handle, caf::exit_reason::kill);
    ended.get_future().wait();
    // What was posted before is done when this comes to its turn.
    std::promise<void> handled;
    x.thread.post([&handled] { handled.set_value(); });
    handled.get_future().wait();
  } else {
    x.thread.start();
    x.stop_remotes();
  }
  // The store thread still announces what has committed: from here on nothing of it is forwarded.
  directory_->links(nullptr);
  directory_->presences().tell(nullptr);
  if (x.handle) {
    x.handle = nullptr;
    x.way.stop();
  }
  x.thread.stop();
  peers_.clear();
  running_.reset();
}

std::string cluster_node::address() const {
  auto at = *cluster::parse_address(options_.address);
  at.port = running_->port;
  return at.to_string();
}

bool cluster_node::is_ready() const { return running_->is_ready; }

// -- other nodes ----------------------------------------------------------------------------------

repository_actor cluster_node::repository(const model_descriptor& model, const std::string& node) {
  return remote(node).repositories.repository(model);
}

node_sessions_actor cluster_node::sessions(const std::string& node) {
  return remote(node).sessions.handle();
}

cluster::remote_node& cluster_node::remote(const std::string& name) {
  auto& x = *running_;
  std::lock_guard lock{x.remotes_mutex};
  auto& found = x.remotes[name];
  if (!found) {
    remotes_function remotes = [&x]() -> cluster::remote_nodes& { return x.actor->remotes(); };
    found.reset(new cluster::remote_node{
        .repositories = {x.thread, *models_, name, line_to(name, remotes)},
        .sessions = {x.thread, name, [remotes, name](std::uint64_t id, const session_question& y) {
                       remotes().ask(name, id, y);
                     }}});
    if (x.actor != nullptr) {
      x.thread.post([remotes, name, node = found.get()] { remotes().add(name, *node); });
    }
  }
  return *found;
}

// -- groups ---------------------------------------------------------------------------------------

void cluster_node::hold(const group_name& x, std::function<void()> ready) {
  auto* actor = running_->actor;
  running_->thread.post([actor, x, ready = std::move(ready)]() mutable {
    actor->groups().hold(x, std::move(ready));
  });
}

void cluster_node::release(const group_name& x) {
  auto* actor = running_->actor;
  running_->thread.post([actor, x] { actor->groups().release(x); });
}

void cluster_node::forward(const group_message& message, std::span<const std::size_t> nodes) {
  auto out = cluster::envelope_of(cluster::topic::event);
  cluster::write(out, message);
  auto envelope = cluster::sealed(std::move(out));
  if (envelope.bytes.size() > largest_event) {
    spdlog::error("cluster: a message of {} bytes is too large for other nodes",
                  envelope.bytes.size());
    return;
  }
  peers_.send(caf::actor_cast<caf::strong_actor_ptr>(running_->handle), std::move(envelope), nodes,
              true);
}

} // namespace dcrf
