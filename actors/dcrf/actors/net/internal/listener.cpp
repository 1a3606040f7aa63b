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

#include <algorithm>
#include <atomic>
#include <cctype>
#include <future>
#include <utility>

namespace dcrf {

using namespace internal;

namespace {

// Out of file descriptors, or as many connections as allowed: nothing tells when that has changed,
// and to try at once would take the whole thread.
constexpr std::chrono::milliseconds pause_when_full{100};

// Those who can't be let in are tried ten times a second; the log says so once a minute.
constexpr std::chrono::minutes between_warnings{1};

bool is_in_name(unsigned char c) noexcept { return std::isalnum(c) != 0 || c == '-' || c == '.'; }

tcp::endpoint endpoint_of(net::io_context& context, const std::string& address, std::uint16_t port,
                          error_code& ec) {
  auto parsed = net::ip::make_address(address, ec);
  if (!ec) {
    return {parsed, port};
  }
  if (address.empty() || !std::ranges::all_of(address, is_in_name)) {
    return {};
  }
  auto found = tcp::resolver{context}.resolve(address, std::to_string(port), ec);
  if (ec) {
    return {};
  }
  auto is_old = [](const auto& x) { return x.endpoint().protocol() == tcp::v4(); };
  auto chosen = std::find_if(found.begin(), found.end(), is_old);
  return (chosen == found.end() ? found.begin() : chosen)->endpoint();
}

// What is on its way to its thread. It counts already.
struct arrival {
  std::shared_ptr<connection_registry> registry;
  listener_state::ticket ticket;
  tcp_socket socket;
  net::ip::address client;
};

} // namespace

// The acceptor lives on the first thread, and its pending operations keep this alive.
struct listener::state : std::enable_shared_from_this<state> {
  state(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> connection_acceptor,
        connection_limits limits)
      : common(std::make_shared<listener_state>(std::move(connection_acceptor), std::move(limits))),
        acceptor(threads.front()->context()),
        pause(threads.front()->context()) {
    for (auto* thread : threads) {
      registries.push_back(std::make_shared<connection_registry>(*thread, common));
    }
  }

  [[nodiscard]] io_thread& own_thread() const { return registries.front()->thread(); }

  error_code take(bound_address::state& from);
  void accept_next();
  void accepted(error_code ec, const std::shared_ptr<connection_registry>& registry,
                tcp_socket socket);
  void accept_after_pause();
  void close();

  std::shared_ptr<listener_state> common;
  std::vector<std::shared_ptr<connection_registry>> registries;
  net::basic_socket_acceptor<tcp, executor> acceptor;
  steady_timer pause;
  log_limit warnings{1, between_warnings};
  // Who comes next.
  tcp::endpoint peer;
  std::size_t next = 0;
};

// -- the address ----------------------------------------------------------------------------------

struct bound_address::state {
  net::io_context context{1};
  net::basic_socket_acceptor<tcp, net::io_context::executor_type> socket{context};
};

bound_address::bound_address() : state_(std::make_unique<state>()) {}
bound_address::bound_address(bound_address&&) noexcept = default;
bound_address& bound_address::operator=(bound_address&&) noexcept = default;
bound_address::~bound_address() = default;

std::error_code bound_address::bind(const std::string& address, std::uint16_t port) {
  error_code ec;
  auto endpoint = endpoint_of(state_->context, address, port, ec);
  auto& socket = state_->socket;
  auto check = [&ec](auto step) {
    if (!ec) {
      step();
    }
  };
  check([&] { socket.open(endpoint.protocol(), ec); });
  check([&] { socket.set_option(net::socket_base::reuse_address{true}, ec); });
  // For what is accepted: Linux passes it on, which saves a system call for each connection.
  check([&] { socket.set_option(tcp::no_delay{true}, ec); });
  check([&] { socket.bind(endpoint, ec); });
  if (ec) {
    error_code ignored;
    socket.close(ignored);
  }
  return ec;
}

error_code listener::state::take(bound_address::state& from) {
  error_code ec;
  auto protocol = from.socket.local_endpoint(ec).protocol();
  if (!ec) {
    acceptor.assign(protocol, from.socket.release(), ec);
  }
  if (!ec) {
    acceptor.listen(net::socket_base::max_listen_connections, ec);
  }
  if (ec) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return ec;
}

// -- accepting ------------------------------------------------------------------------------------

void listener::state::accept_next() {
  if (!acceptor.is_open()) {
    return;
  }
  if (common->connections() >= common->limits().max_connections) {
    accept_after_pause();
    return;
  }
  auto registry = registries[next++ % registries.size()];
  acceptor.async_accept(registry->thread().context(), peer,
                        [self = shared_from_this(), registry](error_code ec, tcp_socket socket) {
                          self->accepted(ec, registry, std::move(socket));
                        });
}

void listener::state::accepted(error_code ec, const std::shared_ptr<connection_registry>& registry,
                               tcp_socket socket) {
  if (ec == net::error::operation_aborted) {
    return;
  }
  if (ec == net::error::connection_aborted) {
    accept_next();
    return;
  }
  if (ec) {
    if (auto left_out = warnings.pass()) {
      spdlog::warn("cannot accept connections: {}; tried {} times without another line",
                   ec.message(), *left_out);
    }
    accept_after_pause();
    return;
  }
  auto serve = [arrived = std::make_shared<arrival>(
                    arrival{registry, common->join(), std::move(socket), peer.address()})] {
    if (!arrived->registry->closing()) {
      std::make_shared<http_connection>(arrived->registry, std::move(arrived->ticket),
                                        std::move(arrived->socket), arrived->client)
          ->start();
    }
  };
  // A connection belongs to its thread from its first moment.
  if (registry->thread().runs_here()) {
    serve();
  } else {
    registry->thread().post(serve);
  }
  accept_next();
}

void listener::state::accept_after_pause() {
  pause.expires_after(pause_when_full);
  pause.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec) {
      self->accept_next();
    }
  });
}

void listener::state::close() {
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
}

// -- the public face ------------------------------------------------------------------------------

listener::listener(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> acceptor,
                   connection_limits limits)
    : state_(std::make_shared<state>(std::move(threads), std::move(acceptor), std::move(limits))) {}

listener::~listener() { stop(); }

std::error_code listener::listen(const std::string& address, std::uint16_t port) {
  bound_address at;
  if (auto ec = at.bind(address, port)) {
    return ec;
  }
  return listen(std::move(at));
}

std::error_code listener::listen(bound_address at) {
  if (auto ec = state_->take(*at.state_)) {
    return ec;
  }
  port_ = state_->acceptor.local_endpoint().port();
  state_->own_thread().post([state = state_] { state->accept_next(); });
  return {};
}

void listener::stop() {
  if (std::exchange(port_, std::uint16_t{0}) == 0) {
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
