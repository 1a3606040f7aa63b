#include "dcrf/actors/pinned.hpp"

#include <caf/scheduler/abstract_coordinator.hpp>

namespace dcrf {

namespace {

// One actor with a full mailbox must not hold up the sockets of its thread for long; CAF's own
// multiplexer takes the same view of brokers.
constexpr std::size_t messages_per_run = 300;

} // namespace

pinning_unit::pinning_unit(caf::actor_system& system) : caf::execution_unit(&system) {}

void pinning_unit::exec_later(caf::resumable* job) {
  if (job->subtype() == caf::resumable::io_actor)
    post_resumable(job_ptr{job, false});
  else
    system().scheduler().enqueue(job);
}

void pinning_unit::run(job_ptr job) {
  if (job->resume(this, messages_per_run) == caf::resumable::resume_later)
    post_resumable(std::move(job));
}

pinned_actor::pinned_actor(caf::actor_config& config, pinning_unit& unit)
    : caf::event_based_actor(config), unit_(unit) {}

pinned_actor::subtype_t pinned_actor::subtype() const { return caf::resumable::io_actor; }

void pinned_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) {
  caf::event_based_actor::enqueue(std::move(message), &unit_);
}

} // namespace dcrf
