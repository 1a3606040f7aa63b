#include "dcrf/actors/threads/internal/pinned.hpp"

#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <utility>

namespace dcrf {

namespace {

// One actor with a full mailbox must not hold up the sockets of its thread for long; CAF's own
// multiplexer takes the same view of brokers.
constexpr std::size_t messages_per_run = 300;

} // namespace

pinning_unit::pinning_unit(caf::actor_system& system) : caf::execution_unit(&system) {}

void pinning_unit::exec_later(caf::resumable* job) {
  if (job->subtype() == caf::resumable::io_actor) {
    post_resumable(job_ptr{job, false});
  } else {
    system().scheduler().enqueue(job);
  }
}

void pinning_unit::run(job_ptr job) {
  if (job->resume(this, messages_per_run) == caf::resumable::resume_later) {
    post_resumable(std::move(job));
  }
}

pinned_actor::pinned_actor(caf::actor_config& config, pinning_unit& unit)
    : caf::event_based_actor(config), unit_(unit) {}

pinned_actor::subtype_t pinned_actor::subtype() const { return caf::resumable::io_actor; }

void pinned_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) {
  caf::event_based_actor::enqueue(std::move(message), &unit_);
}

// As in `scheduled_actor::cleanup` and `local_actor::cleanup` of CAF 0.17.
bool pinned_actor::clean_up_without_clock(caf::error&& reason, caf::execution_unit* host) {
  awaited_responses_.clear();
  multiplexed_responses_.clear();
  if (!mailbox_.closed()) {
    mailbox_.close();
    get_normal_queue().flush_cache();
    get_urgent_queue().flush_cache();
    caf::detail::sync_request_bouncer bounce{reason};
    while (mailbox_.queue().new_round(1000, bounce).consumed_items > 0) {
    }
  }
  unregister_from_system();
  caf::monitorable_actor::cleanup(std::move(reason), host);
  return true;
}

} // namespace dcrf
