#pragma once

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/execution_unit.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/resumable.hpp>

#include <type_traits>
#include <utility>

namespace dcrf {

/// A thread that actors can be pinned to: they are run by it and by nothing else, so that they may
/// touch what belongs to that thread without locks. This is how CAF's brokers live on its
/// multiplexer. Everything else that CAF would like to run here goes to its scheduler.
class pinning_unit : public caf::execution_unit {
public:
  explicit pinning_unit(caf::actor_system& system);

  pinning_unit(const pinning_unit&) = delete;
  pinning_unit& operator=(const pinning_unit&) = delete;

  /// Queues `job`: here if it is pinned, at the scheduler otherwise. Takes over one reference.
  /// From any thread.
  void exec_later(caf::resumable* job) final;

  /// Whether the caller is on this unit's thread.
  [[nodiscard]] virtual bool runs_here() const noexcept = 0;

protected:
  using job_ptr = caf::intrusive_ptr<caf::resumable>;

  /// Has `run` called with the job on the unit's own thread, in the order of the calls. From any
  /// thread. An implementation that drops the job releases its reference by that.
  virtual void post_resumable(job_ptr job) = 0;

  /// Lets the actor handle its mail, a bounded number of messages at a time. On the unit's thread.
  void run(job_ptr job);
};

/// An actor that lives on one thread. All that derives from it runs on the thread of `unit()`:
/// handlers, responses, `on_exit`. Only the destructor may run elsewhere, wherever the last handle
/// is dropped; so release in `on_exit` what belongs to the thread.
class pinned_actor : public caf::event_based_actor {
public:
  pinned_actor(caf::actor_config& config, pinning_unit& unit);

  /// The thread that runs this actor.
  [[nodiscard]] pinning_unit& unit() const noexcept { return unit_; }

  /// Tells execution units that this actor does not belong to the scheduler.
  subtype_t subtype() const override;

  using caf::event_based_actor::enqueue;

  /// Delivers a message; whoever sends it, the actor is woken on its own thread. From any thread.
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* sender_unit) override;

protected:
  /// Does what `cleanup` does for an actor that has no timeouts in CAF's clock and no streams, and
  /// is spared waking that clock's thread.
  bool clean_up_without_clock(caf::error&& reason, caf::execution_unit* host);

private:
  pinning_unit& unit_;
};

/// Spawns an actor on the thread of `unit`; its constructor takes the unit after CAF's
/// configuration, then `args`. From any thread; the constructor runs in the caller's.
template <class Actor, caf::spawn_options Options = caf::no_spawn_options, class Unit,
          class... Args>
auto spawn_pinned(Unit& unit, Args&&... args) {
  static_assert(std::is_base_of_v<pinned_actor, Actor>, "only a pinned_actor can be pinned");
  static_assert(std::is_base_of_v<pinning_unit, Unit>, "an actor is pinned to a pinning_unit");
  caf::actor_config config{&unit};
  return unit.system().template spawn_impl<Actor, Options>(config, unit,
                                                           std::forward<Args>(args)...);
}

} // namespace dcrf
