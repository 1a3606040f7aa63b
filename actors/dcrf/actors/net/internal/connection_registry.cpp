#include "dcrf/actors/net/internal/connection_registry.hpp"

namespace dcrf::internal {

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

void connection_registry::close_all(std::uint16_t code) {
  is_closing_ = true;
  // A connection may leave while it is told to go.
  for (auto i = connections_.begin(); i != connections_.end();) {
    (i++)->go_away(code);
  }
}

} // namespace dcrf::internal
