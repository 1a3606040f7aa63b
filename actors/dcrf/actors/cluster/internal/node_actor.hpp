#pragma once

#include "dcrf/actors/cluster/internal/command_service.hpp"
#include "dcrf/actors/cluster/internal/dialer.hpp"
#include "dcrf/actors/cluster/envelope.hpp"
#include "dcrf/actors/cluster/internal/group_exchange.hpp"
#include "dcrf/actors/cluster/internal/identity.hpp"
#include "dcrf/actors/cluster/internal/links.hpp"
#include "dcrf/actors/cluster/options.hpp"
#include "dcrf/actors/cluster/peer_table.hpp"
#include "dcrf/actors/cluster/internal/presence_exchange.hpp"
#include "dcrf/actors/cluster/internal/remote_node.hpp"
#include "dcrf/actors/cluster/internal/remote_nodes.hpp"
#include "dcrf/actors/cluster/internal/transport.hpp"
#include "dcrf/actors/cluster/internal/versions.hpp"
#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/sessions/internal/session_registry.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/actors/threads/internal/pinned.hpp"

#include <caf/actor_addr.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace dcrf::cluster {

/// What the actor of a node works with; all of it outlives the actor.
struct node_parts {
  io_thread& thread;
  group_directory& directory;
  peer_table& peers;
  const schema& models;
  /// The database of this node; null if it uses that of another one.
  repository_source* local;
  /// The node whose database this one uses; null if it has its own.
  remote_node* remote;
  const session_registry& sessions;
  const cluster_options& options;
  const transport& way;
  /// Called after each change of membership.
  std::function<void()> changed;
};

/// The actor that a node is for others: it links to them, and gives what they say to those whom it
/// concerns. Lives on a thread of its own.
///
/// A link begins with `hello` and `welcome`, by which both sides learn who the other is, and refuse
/// it if its protocol or cluster is another one. Then each tells which groups have members on it,
/// and which nodes it is linked to, so that the mesh completes itself.
class node_actor final : public pinned_actor {
public:
  node_actor(caf::actor_config& config, pinning_unit& unit, node_parts parts);

  /// Starts to join others. On the thread, once, as everything below.
  void open(identity self);

  [[nodiscard]] group_exchange& groups() noexcept { return groups_; }
  [[nodiscard]] const presence_exchange& presences() const noexcept { return presences_; }
  [[nodiscard]] remote_nodes& remotes() noexcept { return remotes_; }

  /// Tells the others that this node stops.
  void leave();

  /// Whether each address to join through was tried, and the database is there.
  [[nodiscard]] bool is_settled() const;
  [[nodiscard]] bool has_repositories() const;

  // -- implementation of caf::event_based_actor ---------------------------------------------------

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "dcrf.node"; }

private:
  // -- links --------------------------------------------------------------------------------------

  void dial(const host_and_port& to, dialer::done_function done);
  void reached(const host_and_port& to, const caf::strong_actor_ptr& who,
               dialer::done_function done);
  link& add_link_to(const caf::actor& handle);
  void lose(const caf::actor_addr& who, const std::string& why);
  void drop(const link& lost, const std::string& why);
  void dial_again(const link& lost);

  // -- what others say ----------------------------------------------------------------------------

  void handle(const cluster_envelope& x);
  link* sender_of(topic kind);
  [[nodiscard]] bool may_say(link& from, topic kind, std::uint8_t version);
  void handle(topic kind, byte_reader& in, link& from);
  void handle_greeting(topic kind, byte_reader& in, link& from);

  // -- who the others are -------------------------------------------------------------------------

  void greet(const link& to, topic kind);
  void greeted(link& from, byte_reader& in, bool wants_welcome);
  [[nodiscard]] std::string objection_to(const identity& who) const;
  void refuse(link& from, const std::string& why);
  void establish(link& with);
  void tell_members(const link& to);
  void learn_members(byte_reader& in);

  void answer(const link& to, byte_reader& question);
  void catch_up(std::function<void()> done);

  node_parts parts_;
  identity self_;
  links links_;
  versions versions_;
  group_exchange groups_;
  presence_exchange presences_;
  command_service commands_;
  remote_nodes remotes_;
  dialer dialer_;
};

} // namespace dcrf::cluster
