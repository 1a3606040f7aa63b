#include "dcrf/actors/internal/client_connections.hpp"

#include "dcrf/actors/net/internal/listen_address.hpp"

#include <caf/sec.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <future>
#include <set>
#include <string_view>
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

caf::error cannot_listen(std::string_view where, const std::error_code& reason) {
  return caf::make_error(caf::sec::cannot_open_port,
                         fmt::format("can't listen on {}: {}", where, reason.message()));
}

std::shared_ptr<tls_credentials> credentials_of(const listen_options& options) {
  if (options.certificates.empty()) {
    return nullptr;
  }
  std::vector<certificate_files> files;
  for (std::size_t i = 0; i < options.certificates.size(); ++i) {
    const auto& keys =
        options.certificate_keys.empty() ? options.certificates : options.certificate_keys;
    files.push_back({options.certificates[i], keys.at(i)});
  }
  return std::make_shared<tls_credentials>(std::move(files));
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

client_connections::client_connections(const actor_system_config& config)
    : config_(&config), credentials_(credentials_of(config.listening)) {}

std::string client_connections::read_certificates() {
  return credentials_ ? credentials_->read() : std::string{};
}

caf::error client_connections::reserve() {
  if (auto problem = read_certificates(); !problem.empty()) {
    return caf::make_error(caf::sec::cannot_open_port, "certificate: " + problem);
  }
  bound_.clear();
  addresses_.clear();
  auto passed = take_passed_sockets();
  if (auto error = passed.empty() ? bind_configured() : adopt(passed)) {
    bound_.clear();
    return error;
  }
  for (const auto& x : bound_) {
    auto name = x.to_string();
    if (std::ranges::find(addresses_, name) == addresses_.end()) {
      addresses_.push_back(std::move(name));
    }
  }
  return caf::none;
}

caf::error client_connections::bind_configured() {
  const auto& options = config_->listening;
  std::vector<listen_address> wanted;
  for (const auto& text : options.addresses) {
    wanted.push_back(parse_listen_address(text, usual_entrance()).value());
  }
  if (wanted.empty()) {
    wanted.push_back({.host = config_->address, .port = config_->port, .how = usual_entrance()});
  }
  if (options.redirect_port != 0) {
    std::set<std::string> hosts;
    for (const auto& x : std::vector{wanted}) {
      if (x.how == entrance::https && hosts.insert(x.host).second) {
        wanted.push_back(
            {.host = x.host, .port = options.redirect_port, .how = entrance::redirect});
      }
    }
  }
  auto mode = parse_mode(options.socket_mode).value();
  for (const auto& x : wanted) {
    if (auto error = bind_all(bound_, x, mode)) {
      return cannot_listen(x.to_string(), error);
    }
  }
  return caf::none;
}

// The name of a socket says how it is to be used (`FileDescriptorName=`).
caf::error client_connections::adopt(const std::vector<passed_socket>& passed) {
  for (const auto& x : passed) {
    auto where = fmt::format("the socket {} that was passed", x.descriptor);
    bound_address taken;
    if (auto error = taken.adopt(x.descriptor)) {
      return cannot_listen(where, error);
    }
    auto how = taken.is_tcp() ? usual_entrance() : entrance::http;
    if (x.name == "http") {
      how = entrance::http;
    } else if (x.name == "https") {
      how = entrance::https;
    } else if (x.name == "redirect") {
      how = entrance::redirect;
    }
    if (how != entrance::http && !has_tls()) {
      return caf::make_error(caf::sec::cannot_open_port,
                             fmt::format("{} is for {}, which needs --certificate", where, x.name));
    }
    taken.speak(how);
    bound_.push_back(std::move(taken));
  }
  return caf::none;
}

caf::error client_connections::listen(std::vector<io_thread*> threads,
                                      std::shared_ptr<connection_acceptor> acceptor) {
  acceptor_ = std::move(acceptor);
  listening_ =
      std::make_unique<listener>(std::move(threads), acceptor_, config_->limits, credentials_);
  if (auto error = listening_->listen(std::exchange(bound_, {}))) {
    return cannot_listen(addresses_.front(), error);
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
  bound_.clear();
}

} // namespace dcrf::internal
