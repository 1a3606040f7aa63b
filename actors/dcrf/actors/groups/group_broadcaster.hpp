#pragma once

#include "dcrf/actors/groups/io_services.hpp"
#include "dcrf/actors/messages.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/result.hpp>

#include <memory>
#include <unordered_map>

namespace dcrf {

/// The group actor of one I/O thread: gives messages to the thread's sessions and to the actors
/// that joined through it. Others see it as a group_actor.
class group_broadcaster final : public pinned_actor {
public:
  group_broadcaster(caf::actor_config& config, pinning_unit& unit, io_services& services);
  ~group_broadcaster() override;

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "dcrf.groups"; }

private:
  class watcher;

  caf::result<bool> join(const group_name& x);
  bool join(const group_name& x, const caf::strong_actor_ptr& member);
  void leave(const group_name& x, const caf::actor_addr& member);

  io_services* services_;
  std::unordered_map<caf::actor_addr, std::unique_ptr<watcher>> watchers_;
};

} // namespace dcrf
