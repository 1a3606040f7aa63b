#pragma once

#include "dcrf/actors/cluster/envelope.hpp"
#include "dcrf/actors/groups/group_links.hpp"

#include <caf/actor.hpp>
#include <caf/actor_control_block.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace dcrf::cluster {

/// What a node knows about another one.
struct node_status {
  std::string name;
  std::string address;
  bool is_linked = false;
  /// When that became so.
  std::chrono::system_clock::time_point since{};
  /// Messages to groups, and the bytes of all envelopes, since the process started.
  std::uint64_t events_sent = 0;
  std::uint64_t events_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

/// The other nodes that this one knows, numbered in the order in which it learned of them. Safe to
/// use from any thread: publishers send through it.
class peer_table {
public:
  /// The number of a node; a new one if the name is unknown.
  std::size_t number_of(const std::string& name);

  /// @param handle the actor of the node; null when the link is lost
  void link(std::size_t number, std::string address, caf::actor handle);
  void unlink(std::size_t number);

  /// Sends bytes to the nodes, from `self`; the bytes are shared.
  void send(const caf::strong_actor_ptr& self, cluster_envelope x,
            std::span<const std::size_t> nodes, bool is_event);

  void count_received(std::size_t number, std::size_t bytes, bool is_event);

  [[nodiscard]] std::vector<node_status> list() const;

  /// Lets go of all handles.
  void clear();

private:
  struct entry {
    node_status status;
    caf::actor handle;
  };

  mutable std::mutex mutex_;
  std::vector<entry> entries_;
};

} // namespace dcrf::cluster
