#include "dcrf/actors/net/internal/listener.hpp"

#include "dcrf/actors/internal/log_limit.hpp"
#include "dcrf/actors/net/internal/coalescing_stream.hpp"
#include "dcrf/actors/net/internal/connection_registry.hpp"
#include "dcrf/actors/net/internal/http_connection.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <spdlog/spdlog.h>

#include <atomic>
#include <future>
#include <optional>
#include <utility>

namespace dcrf {

using namespace internal;

namespace {

// Out of file descriptors, or as many connections as allowed: nothing tells when that has changed,
// and to try at once would take the whole thread.
constexpr std::chrono::milliseconds pause_when_full{100};

// Those who can't be let in are tried ten times a second; the log says so once a minute.
constexpr std::chrono::minutes between_warnings{1};

// While there is no room, whoever has been let in and has not asked for anything within this time
// makes some.
constexpr std::chrono::seconds patience_when_full{2};

// What is on its way to its thread. It counts already.
struct arrival {
  std::shared_ptr<connection_registry> registry;
  listener_state::ticket ticket;
  tcp_socket socket;
  std::optional<net::ip::address> client;
  entrance how;
};

// A socket that is listened on.
struct door {
  door(net::io_context& context, bound_address taken)
      : address(std::move(taken)), acceptor(context), pause(context) {}

  bound_address address;
  net::basic_socket_acceptor<tcp, executor> acceptor;
  steady_timer pause;
  // Who comes next.
  tcp::endpoint peer;
};

} // namespace

// The acceptors live on the first thread, and their pending operations keep this alive.
struct listener::state : std::enable_shared_from_this<state> {
  state(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> connection_acceptor,
        connection_limits limits, std::shared_ptr<const tls_credentials> credentials)
      : common(std::make_shared<listener_state>(std::move(connection_acceptor), std::move(limits),
                                                std::move(credentials))) {
    for (auto* thread : threads) {
      registries.push_back(std::make_shared<connection_registry>(*thread, common));
    }
  }

  [[nodiscard]] io_thread& own_thread() const { return registries.front()->thread(); }

  error_code take(bound_address from);
  void accept_next(door& at);
  void accepted(door& at, error_code ec, const std::shared_ptr<connection_registry>& registry,
                tcp_socket socket);
  void accept_after_pause(door& at);
  void make_room();
  void close();

  std::shared_ptr<listener_state> common;
  std::vector<std::shared_ptr<connection_registry>> registries;
  std::vector<std::unique_ptr<door>> doors;
  log_limit warnings{1, between_warnings};
  std::size_t next = 0;
};

error_code listener::state::take(bound_address from) {
  error_code ec;
  auto added = std::make_unique<door>(own_thread().context(), std::move(from));
  auto& acceptor = added->acceptor;
  auto protocol =
      added->address.is_tcp() ? added->address.socket_->local_endpoint(ec).protocol() : tcp::v4();
  if (!ec) {
    acceptor.assign(protocol, added->address.release(), ec);
  }
  if (!ec) {
    acceptor.listen(net::socket_base::max_listen_connections, ec);
  }
  doors.push_back(std::move(added));
  return ec;
}

// -- accepting ------------------------------------------------------------------------------------

void listener::state::accept_next(door& at) {
  if (!at.acceptor.is_open()) {
    return;
  }
  if (common->connections() >= common->limits().max_connections) {
    make_room();
    accept_after_pause(at);
    return;
  }
  auto registry = registries[next++ % registries.size()];
  auto& context = registry->thread().context();
  auto done = [self = shared_from_this(), &at, registry](error_code ec, tcp_socket socket) {
    self->accepted(at, ec, registry, std::move(socket));
  };
  if (at.address.is_tcp()) {
    at.acceptor.async_accept(context, at.peer, std::move(done));
  } else {
    at.acceptor.async_accept(context, std::move(done));
  }
}

void listener::state::accepted(door& at, error_code ec,
                               const std::shared_ptr<connection_registry>& registry,
                               tcp_socket socket) {
  if (ec == net::error::operation_aborted) {
    return;
  }
  if (ec == net::error::connection_aborted) {
    accept_next(at);
    return;
  }
  if (ec) {
    if (auto left_out = warnings.pass()) {
      spdlog::warn("cannot accept connections: {}; tried {} times without another line",
                   ec.message(), *left_out);
    }
    accept_after_pause(at);
    return;
  }
  auto client = at.address.is_tcp() ? std::optional{at.peer.address()} : std::nullopt;
  auto serve = [arrived = std::make_shared<arrival>(arrival{
                    registry, common->join(), std::move(socket), client, at.address.how()})] {
    if (!arrived->registry->closing()) {
      std::make_shared<http_connection>(arrived->registry, std::move(arrived->ticket),
                                        std::move(arrived->socket), arrived->client, arrived->how)
          ->start();
    }
  };
  // A connection belongs to its thread from its first moment.
  if (registry->thread().runs_here()) {
    serve();
  } else {
    registry->thread().post(serve);
  }
  accept_next(at);
}

void listener::state::accept_after_pause(door& at) {
  at.pause.expires_after(pause_when_full);
  at.pause.async_wait([self = shared_from_this(), &at](error_code ec) {
    if (!ec) {
      self->accept_next(at);
    }
  });
}

void listener::state::make_room() {
  for (const auto& registry : registries) {
    registry->thread().post([registry] { registry->drop_strangers(patience_when_full); });
  }
}

void listener::state::close() {
  for (const auto& x : doors) {
    error_code ignored;
    x->acceptor.close(ignored);
    x->pause.cancel();
    x->address = bound_address{};
  }
}

// -- the public face ------------------------------------------------------------------------------

listener::listener(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> acceptor,
                   connection_limits limits, std::shared_ptr<const tls_credentials> credentials)
    : state_(std::make_shared<state>(std::move(threads), std::move(acceptor), std::move(limits),
                                     std::move(credentials))) {}

listener::~listener() { stop(); }

std::error_code listener::listen(const std::string& address, std::uint16_t port) {
  bound_address at;
  if (auto ec = at.bind(address, port)) {
    return ec;
  }
  return listen(std::move(at));
}

std::error_code listener::listen(bound_address at) {
  std::vector<bound_address> all;
  all.push_back(std::move(at));
  return listen(std::move(all));
}

std::error_code listener::listen(std::vector<bound_address> at) {
  for (auto& x : at) {
    auto port = x.port();
    if (x.how() == entrance::https && state_->common->secure_port == 0) {
      state_->common->secure_port = port;
    }
    if (auto ec = state_->take(std::move(x))) {
      state_->doors.clear();
      return ec;
    }
    if (port_ == 0) {
      port_ = port;
    }
  }
  is_listening_ = true;
  state_->own_thread().post([state = state_] {
    for (const auto& x : state->doors) {
      state->accept_next(*x);
    }
  });
  return {};
}

void listener::stop() {
  port_ = 0;
  if (!std::exchange(is_listening_, false)) {
    return;
  }
  if (state_->own_thread().runs_here()) {
    state_->close();
    return;
  }
  std::promise<void> closed;
  state_->own_thread().post([&] {
    state_->close();
    closed.set_value();
  });
  closed.get_future().wait();
}

std::size_t listener::connections() const noexcept { return state_->common->connections(); }

void listener::close_all(farewell how, std::function<void()> done) {
  // Asked only when every thread knows: until then, a connection may be on its way to one of them.
  auto pending = std::make_shared<std::atomic<std::size_t>>(state_->registries.size());
  for (const auto& registry : state_->registries) {
    registry->thread().post([registry, how, pending, common = state_->common, done] {
      registry->close_all({.code = how.code, .return_within = how.return_within}, how.spread);
      if (--*pending == 0) {
        common->when_empty(done);
      }
    });
  }
}

void listener::when_empty(std::function<void()> done) {
  state_->common->when_empty(std::move(done));
}

} // namespace dcrf
