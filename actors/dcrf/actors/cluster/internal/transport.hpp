#pragma once

#include "dcrf/actors/cluster/options.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <caf/io/middleman_actor.hpp>
#include <caf/node_id.hpp>

#include <cstdint>
#include <memory>

namespace dcrf::cluster {

class gate;

/// CAF's connections between processes, behind a gate that lets only nodes in. Copies share it.
class transport {
public:
  /// @param options outlive it
  transport(caf::actor_system& system, const cluster_options& options);

  /// Has others reach an actor at an address.
  /// @returns the port
  [[nodiscard]] caf::expected<std::uint16_t> publish(const caf::actor& x, const host_and_port& at);
  void unpublish(const caf::actor_addr& x, std::uint16_t port) const;

  /// Connects when it is asked to by CAF's `connect_atom`, with a host and a port.
  [[nodiscard]] const caf::io::middleman_actor& connector() const noexcept { return connector_; }

  /// Closes the connection to a process, which CAF keeps as long as the process lives.
  void disconnect(const caf::node_id& node) const;

  /// Lets nobody in any more, and ends the connector.
  void stop();

private:
  caf::actor_system* system_;
  std::shared_ptr<gate> gate_;
  caf::io::middleman_actor connector_;
};

} // namespace dcrf::cluster
