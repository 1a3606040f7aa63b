#include "dcrf/actors/internal/client_connections.hpp"

#include <caf/sec.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <future>
#include <system_error>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::uint16_t service_restart = 1012;

// So many connections are closed a second, and asked to come back a second.
constexpr int closed_per_second = 2500;
constexpr int returning_per_second = 200;
constexpr std::chrono::seconds longest_closing{4};
constexpr std::chrono::seconds latest_return{60};

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

} // namespace

caf::error client_connections::reserve() {
  if (auto error = port_.emplace().bind(config_->address, config_->port)) {
    return cannot_listen(*config_, error);
  }
  return caf::none;
}

caf::error client_connections::listen(std::vector<io_thread*> threads,
                                      std::shared_ptr<connection_acceptor> acceptor) {
  acceptor_ = std::move(acceptor);
  listening_ = std::make_unique<listener>(std::move(threads), acceptor_, config_->limits);
  if (auto error = listening_->listen(std::move(*port_))) {
    return cannot_listen(*config_, error);
  }
  return caf::none;
}

std::uint16_t client_connections::port() const noexcept {
  return listening_ ? listening_->port() : std::uint16_t{0};
}

void client_connections::drain() {
  if (!listening_) {
    return;
  }
  auto gone = std::make_shared<std::promise<void>>();
  listening_->when_empty([gone] { gone->set_value(); });
  gone->get_future().wait_for(config_->drain);
}

void client_connections::refuse() { listening_->stop(); }

void client_connections::close(clock::time_point deadline) {
  auto closed = std::make_shared<std::promise<void>>();
  listening_->close_all(farewell_of(listening_->connections()), [closed] { closed->set_value(); });
  closed->get_future().wait_until(deadline);
}

void client_connections::clear() {
  listening_.reset();
  acceptor_.reset();
  port_.reset();
}

} // namespace dcrf::internal
