#pragma once

#include "dcrf/actors/cluster/options.hpp"
#include "dcrf/actors/cluster/peer_table.hpp"
#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/groups/group_links.hpp"
#include "dcrf/actors/sessions/internal/session_registry.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"
#include "dcrf/store/schema.hpp"

#include <caf/actor_system.hpp>
#include <caf/error.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dcrf {

namespace cluster {
struct remote_node;
} // namespace cluster

/// The part of a server that makes it a node of a cluster: listens for other nodes, links to them,
/// and carries groups and commands over the links. A server without `--cluster-address` has none.
class cluster_node final : public group_links {
public:
  /// @param system was made with a configuration that has loaded CAF's network modules
  /// @param directory, models, sessions outlive the node
  cluster_node(caf::actor_system& system, const cluster_options& options,
               group_directory& directory, const schema& models, const session_registry& sessions);
  ~cluster_node() override;

  /// The repositories of the node that `--repositories` names; null if this node has its own.
  [[nodiscard]] repository_source* repositories() noexcept;

  /// Listens, and starts to join others.
  /// @param local the database of this node; null if it has none. Outlives the node.
  /// @returns an error in words if the address can't be listened on
  caf::error start(repository_source* local);

  /// Waits until each address to join through was tried and the database is there.
  /// @returns whether that was so in time
  bool wait_until_settled(std::chrono::milliseconds timeout);

  /// Tells the other nodes, and ends all links. A second call does nothing.
  void stop();

  /// This node's own name and the address that others reach it at.
  [[nodiscard]] const std::string& name() const noexcept { return options_.node_name; }
  [[nodiscard]] std::string address() const;

  /// The other nodes that this one knows of. From any thread.
  [[nodiscard]] std::vector<cluster::node_status> nodes() const { return peers_.list(); }

  /// Whether the sessions of this node have a database. From any thread.
  [[nodiscard]] bool is_ready() const;

  // -- what is at another node, by its name, between `start` and `stop`; from any thread ----------

  /// @throws std::out_of_range if there is no such model
  [[nodiscard]] repository_actor repository(const model_descriptor& model, const std::string& node);
  [[nodiscard]] node_sessions_actor sessions(const std::string& node);

  // -- implementation of group_links --------------------------------------------------------------

  void hold(const group_name& x, std::function<void()> ready) override;
  void release(const group_name& x) override;
  void forward(const group_message& message, std::span<const std::size_t> nodes) override;

private:
  struct running;

  caf::error listen();
  cluster::remote_node& remote(const std::string& name);

  caf::actor_system* system_;
  cluster_options options_;
  group_directory* directory_;
  const schema* models_;
  const session_registry* sessions_;
  cluster::peer_table peers_;
  std::unique_ptr<running> running_;
};

} // namespace dcrf
