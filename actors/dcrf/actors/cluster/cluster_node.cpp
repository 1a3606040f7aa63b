#include "dcrf/actors/cluster/cluster_node.hpp"

#include "dcrf/actors/cluster/codec.hpp"
#include "dcrf/actors/cluster/node_actor.hpp"

#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

namespace dcrf {

namespace {

// BASP carries messages of up to 4 GiB, and the other node holds each of them whole.
constexpr std::size_t largest_event = 64 * 1024 * 1024;

std::uint64_t now_in_microseconds() {
  return static_cast<std::uint64_t>(timestamp::now().microseconds());
}

} // namespace

struct cluster_node::running {
  running(caf::actor_system& system, const schema& models) : thread(system), models_(models) {}

  io_thread thread;
  const schema& models_;
  std::optional<cluster::remote_repositories> remote;
  caf::actor handle;
  cluster::node_actor* actor = nullptr;
  cluster::identity self;
  std::uint16_t port = 0;

  std::mutex mutex;
  std::condition_variable changed;
  bool is_settled = false;
  std::atomic<bool> is_ready{false};

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
                           group_directory& directory, const schema& models)
    : system_(&system),
      options_(options),
      directory_(&directory),
      models_(&models),
      running_(std::make_unique<running>(system, models)) {
  if (!options_.repositories.empty()) {
    running_->remote.emplace(
        running_->thread, models,
        cluster::remote_repositories::line{
            .send = [this](std::uint64_t id, const command& x) { running_->actor->ask(id, x); },
            .abandon = [this](std::uint64_t x) { running_->actor->abandon_there(x); }});
  }
}

cluster_node::~cluster_node() { stop(); }

repository_source* cluster_node::repositories() noexcept {
  return running_->remote ? &*running_->remote : nullptr;
}

caf::error cluster_node::start(repository_source* local) {
  auto& x = *running_;
  auto actor = spawn_pinned<cluster::node_actor>(
      x.thread, cluster::node_parts{.thread = x.thread,
                                    .directory = *directory_,
                                    .peers = peers_,
                                    .models = *models_,
                                    .local = local,
                                    .remote = x.remote ? &*x.remote : nullptr,
                                    .options = options_,
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
            .store = local != nullptr ? fmt::format("{} {}", options_.node_name, incarnation)
                                      : std::string{}};
  directory_->links(this);
  directory_->presences().tell([&x](std::uint64_t number, const presence_table::entry* came) {
    auto entry = came != nullptr ? std::optional{*came} : std::nullopt;
    x.thread.post([&x, number, entry] { x.actor->tell_presence(number, entry); });
  });
  x.thread.post([&x] { x.actor->open(x.self); });
  spdlog::info("cluster: node {} of {} listens on {}{}", options_.node_name, options_.cluster_name,
               address(), options_.has_tls() ? " with TLS" : "");
  return caf::none;
}

caf::error cluster_node::listen() {
  auto& x = *running_;
  auto at = cluster::parse_address(options_.address);
  auto port = options_.has_tls()
                  ? caf::openssl::publish(x.handle, at->port, at->host.c_str(), true)
                  : system_->middleman().publish(x.handle, at->port, at->host.c_str(), true);
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
    if (x.remote) {
      x.remote->stop();
    }
    std::promise<void> left;
    x.thread.post([&x, &left] {
      x.actor->leave();
      left.set_value();
    });
    left.get_future().wait();
    const auto& publisher = options_.has_tls() ? system_->openssl_manager().actor_handle()
                                               : system_->middleman().actor_handle();
    caf::anon_send(publisher, caf::unpublish_atom::value, x.handle->address(), x.port);
    std::promise<void> ended;
    x.handle->attach_functor([&ended] { ended.set_value(); });
    caf::anon_send_exit(x.handle, caf::exit_reason::kill);
    ended.get_future().wait();
    x.handle = nullptr;
    // What was posted before is done when this comes to its turn.
    std::promise<void> handled;
    x.thread.post([&handled] { handled.set_value(); });
    handled.get_future().wait();
  } else if (x.remote) {
    x.thread.start();
    x.remote->stop();
  }
  x.thread.stop();
  directory_->links(nullptr);
  directory_->presences().tell(nullptr);
  peers_.clear();
  running_.reset();
}

std::string cluster_node::address() const {
  auto at = *cluster::parse_address(options_.address);
  at.port = running_->port;
  return at.to_string();
}

bool cluster_node::is_ready() const { return running_->is_ready; }

// -- groups ---------------------------------------------------------------------------------------

void cluster_node::hold(const group_name& x, std::function<void()> ready) {
  auto* actor = running_->actor;
  running_->thread.post(
      [actor, x, ready = std::move(ready)]() mutable { actor->hold(x, std::move(ready)); });
}

void cluster_node::release(const group_name& x) {
  auto* actor = running_->actor;
  running_->thread.post([actor, x] { actor->release(x); });
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
