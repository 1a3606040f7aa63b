#pragma once

#include "dcrf/actors/groups/internal/io_services.hpp"
#include "dcrf/actors/messages.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/result.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <tuple>
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

  // A join that waits until other nodes know of it; the number tells apart those of one actor.
  struct pending_join {
    caf::actor_addr member;
    group_name target;
    std::uint64_t number = 0;

    friend bool operator<(const pending_join& x, const pending_join& y) {
      return std::tie(x.member, x.target, x.number) < std::tie(y.member, y.target, y.number);
    }
  };

  io_services* services_;
  // Those that were not taken back meanwhile.
  std::set<pending_join> joining_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<caf::actor_addr, std::unique_ptr<watcher>> watchers_;
};

} // namespace dcrf
