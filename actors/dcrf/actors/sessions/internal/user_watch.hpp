#pragma once

#include "dcrf/actors/groups/internal/io_services.hpp"
#include "dcrf/actors/messages.hpp"
#include "dcrf/actors/sessions/internal/session_registry.hpp"
#include "dcrf/actors/threads/internal/pinned.hpp"
#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/model/key.hpp"

#include <cstdint>
#include <functional>

namespace dcrf {

/// Has all nodes look after the sessions of a user, this one among them. From any thread.
/// @param close_code 0 if they are asked again what they may; else they are closed with it
void tell_of_user(channel_layer& channels, const key& user, std::uint16_t close_code);

/// The actor that hears of that on a node, and tells its sessions. Where it may have missed
/// something, because the link to another node was down, it has all sessions ask again.
class user_watch final : public pinned_actor {
public:
  /// @param groups those of the actor's own thread
  /// @param sessions outlive the actor
  /// @param joined called once it is a member of the group by which it hears
  user_watch(caf::actor_config& config, pinning_unit& unit, group_actor groups,
             const session_registry& sessions, std::function<void()> joined);

  // -- implementation of caf::event_based_actor ---------------------------------------------------

  caf::behavior make_behavior() override;
  const char* name() const override { return "dcrf.user_watch"; }

private:
  void tell_sessions(const group_message& x) const;

  group_actor groups_;
  const session_registry* sessions_;
  std::function<void()> joined_;
};

} // namespace dcrf
