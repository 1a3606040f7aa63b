#include "dcrf/actors/net/internal/connection_registry.hpp"

#include <fmt/format.h>

#include <iterator>
#include <random>

namespace dcrf::internal {

namespace {

constexpr std::chrono::milliseconds between_steps{50};

} // namespace

// -- listener_state -------------------------------------------------------------------------------

void listener_state::left() {
  if (--connections_ > 0) {
    return;
  }
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard guard{mutex_};
    if (connections_ == 0) {
      waiting.swap(waiting_);
    }
  }
  for (auto& done : waiting) {
    done();
  }
}

void listener_state::when_empty(std::function<void()> done) {
  {
    std::lock_guard guard{mutex_};
    if (connections_ > 0) {
      waiting_.push_back(std::move(done));
      return;
    }
  }
  done();
}

// -- registered -----------------------------------------------------------------------------------

registered::registered(std::shared_ptr<connection_registry> registry, listener_state::ticket ticket)
    : registry_(std::move(registry)), ticket_(std::move(ticket)) {
  registry_->add(*this);
}

void registered::leave() {
  if (is_linked()) {
    unlink();
  }
  ticket_.reset();
}

listener_state::ticket registered::hand_over() {
  unlink();
  return std::move(ticket_);
}

io_thread& registered::thread() const noexcept { return registry_->thread(); }

const connection_limits& registered::limits() const noexcept { return registry_->state().limits(); }

connection_acceptor& registered::acceptor() const noexcept { return registry_->state().acceptor(); }

// -- connection_registry --------------------------------------------------------------------------

std::string going_away::reason() const {
  using namespace std::chrono_literals;
  if (return_within < 1s) {
    return {};
  }
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<std::int64_t> moments{0, return_within.count()};
  return fmt::format("retry after {:.1f} s", static_cast<double>(moments(random)) / 1000);
}

void connection_registry::close_all(const going_away& how, std::chrono::milliseconds spread) {
  closing_ = how;
  connections_.splice(connections_.end(), strangers_);
  auto steps = static_cast<std::size_t>(spread / between_steps) + 1;
  auto count = static_cast<std::size_t>(std::distance(connections_.begin(), connections_.end()));
  close_some((count + steps - 1) / steps);
}

void connection_registry::drop_strangers(std::chrono::steady_clock::duration patience) {
  auto before = std::chrono::steady_clock::now() - patience;
  while (!strangers_.empty() && strangers_.front().make_room(before)) {
  }
}

void connection_registry::close_some(std::size_t count) {
  // A connection may leave while it is told to go.
  for (std::size_t i = 0; i < count && !connections_.empty(); ++i) {
    auto& next = connections_.front();
    connections_.pop_front();
    leaving_.push_back(next);
    next.go_away(*closing_);
  }
  if (!connections_.empty()) {
    next_ = thread_.after(between_steps, [this, count] { close_some(count); });
  }
}

} // namespace dcrf::internal
