#include "dcrf/runtime/session_budget.hpp"

#include "dcrf/protocol/errors.hpp"

#include <fmt/format.h>

namespace dcrf {

session_budget::background_run::~background_run() {
  if (budget_ != nullptr) {
    budget_->release(bytes_);
    --budget_->background_runs_;
  }
}

void session_budget::keep(std::size_t bytes, std::size_t groups) {
  if (groups > 0 && groups_ + groups > bounds_.groups) {
    throw limit_exceeded(
        fmt::format("A connection may subscribe to {} groups at a time.", bounds_.groups));
  }
  check_room(bytes);
  kept_ += bytes;
  groups_ += groups;
}

void session_budget::release(std::size_t bytes, std::size_t groups) noexcept {
  kept_ -= bytes;
  groups_ -= groups;
}

session_budget::background_run session_budget::begin_run(std::size_t bytes) {
  if (background_runs_ >= bounds_.background_runs) {
    throw limit_exceeded(fmt::format("A connection may have {} actions in the background.",
                                     bounds_.background_runs));
  }
  auto cost = bytes + holding_cost::run;
  check_room(cost);
  kept_ += cost;
  ++background_runs_;
  return {*this, cost};
}

// An eighth is left to events.
void session_budget::check_room(std::size_t bytes) const {
  auto room = bounds_.size - bounds_.size / 8;
  if (bytes > room || kept_ > room - bytes) {
    throw limit_exceeded(fmt::format(
        "A connection's subscriptions and background actions may take {} bytes.", room));
  }
}

} // namespace dcrf
