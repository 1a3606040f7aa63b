#pragma once

#include "dcrf/actors/cluster/peer_table.hpp"
#include "dcrf/actors/messages.hpp"
#include "dcrf/actors/server.hpp"
#include "dcrf/consumer/presence.hpp"
#include "dcrf/observer/signal.hpp"

#include <string>
#include <utility>
#include <vector>

namespace dcrf {

/// What actors of an application reach of all nodes, as handles: repositories, groups, presence and
/// sessions.
///
///     dcrf::node here{server};
///     self->request(here.repository<order>("kitchen"), caf::infinite, commands<order>::get(7));
///
/// A handle to what is at another node goes by the node's name: it may be had before that node is
/// there, and works again after it was started anew. Meanwhile it answers with an error. May be
/// used from any thread, between `start` and `stop` of the server.
class node {
public:
  /// @param x outlives this
  explicit node(const server& x) noexcept : server_(&x) {}

  /// The name of this node; empty if the server is none.
  [[nodiscard]] const std::string& name() const noexcept { return server_->node_name(); }

  /// The others that this node knows of.
  [[nodiscard]] std::vector<cluster::node_status> others() const { return server_->other_nodes(); }

  // -- repositories -------------------------------------------------------------------------------

  /// The repository that sessions of this node use: its own, or that of `--repositories`.
  template <model_type T>
  [[nodiscard]] repository_actor repository() const {
    return server_->repository<T>();
  }

  /// The repository of a named node. While that can't be reached, and if it has no such database,
  /// the answer is `store_errc::unavailable`.
  /// @throws std::invalid_argument if this server is no node
  template <model_type T>
  [[nodiscard]] repository_actor repository(const std::string& of) const {
    return server_->repository_of(of, model_of<T>());
  }

  // -- groups, which span all nodes ---------------------------------------------------------------

  /// The actor through which others watch groups: send it join_group and leave_group.
  [[nodiscard]] group_actor groups() const { return server_->groups(); }

  /// Sends JSON to all members of a free group.
  void group_send(std::string group, json_text message) const;

  /// Sends JSON to all connections of a user: see `dcrf::runtime::send_to_user`.
  void send_to_user(const key& user, json_text message) const {
    group_send(user_group(user), std::move(message));
  }

  /// Sends a signal to all its observers.
  template <signal_type Signal>
  void send_signal(const Signal& x) const {
    detail::send_to_observers(server_->channels(), &detail::signal_identity<Signal>, &x);
  }

  // -- presence, which spans all nodes ------------------------------------------------------------

  /// Who is present under a key.
  [[nodiscard]] dcrf::presence presence(std::string key) const {
    return {server_->channels(), std::move(key)};
  }

  // -- sessions -----------------------------------------------------------------------------------

  /// The sessions of this node.
  [[nodiscard]] node_sessions_actor sessions() const { return server_->sessions_of(name()); }

  /// The sessions of a named node. While that can't be reached, requests fail with
  /// caf::sec::cannot_connect_to_node.
  /// @throws std::invalid_argument if this server is no node
  [[nodiscard]] node_sessions_actor sessions(const std::string& of) const {
    return server_->sessions_of(of);
  }

private:
  const server* server_;
};

} // namespace dcrf
