#pragma once

#include "dcrf/actors/cluster/options.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <caf/io/middleman_actor.hpp>
#include <caf/node_id.hpp>

#include <cstdint>

namespace dcrf::cluster {

/// CAF's connections between processes, with TLS or without: never both, since CAF would use an
/// open connection without TLS for a node that is dialled with it.
class transport {
public:
  transport(caf::actor_system& system, const cluster_options& options)
      : system_(&system), has_tls_(options.has_tls()) {}

  /// Has others reach an actor at an address.
  /// @returns the port
  [[nodiscard]] caf::expected<std::uint16_t> publish(const caf::actor& x,
                                                     const host_and_port& at) const;
  void unpublish(const caf::actor_addr& x, std::uint16_t port) const;

  /// Connects when it is asked to by CAF's `connect_atom`, with a host and a port.
  [[nodiscard]] caf::io::middleman_actor connector() const;

  /// Closes the connection to a process, which CAF keeps as long as the process lives.
  void disconnect(const caf::node_id& node) const;

private:
  caf::actor_system* system_;
  bool has_tls_;
};

} // namespace dcrf::cluster
