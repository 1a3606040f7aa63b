#pragma once

#include "dcrf/actors/cluster/internal/dialer.hpp"
#include "dcrf/actors/cluster/envelope.hpp"
#include "dcrf/actors/cluster/internal/identity.hpp"
#include "dcrf/actors/cluster/options.hpp"
#include "dcrf/actors/cluster/peer_table.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/groups/group.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_control_block.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace dcrf::cluster {

/// Another node, as this one sees it: known by its actor only, until it has said who it is.
struct link {
  caf::actor handle;
  bool is_linked = false;
  // Whether it has said what it had to say when it was linked: who is present there, say.
  bool is_settled = false;
  // What was dialled to get there, to be told how that went; empty if the other side has dialled.
  host_and_port dialled{};
  dialer::done_function done{};
  identity who{};
  std::size_t number = 0;
  // The groups that have members there.
  std::unordered_set<group_name> interests{};
  // Its transactions that are open here, and how many within each.
  std::unordered_map<std::uint64_t, unsigned> transactions{};
  timer_handle greeting{};
};

/// The links of a node, and the way to those at their other ends. Used on one thread.
class links {
public:
  /// @param peers is what others send by; it outlives the links
  explicit links(peer_table& peers) : peers_(&peers) {}

  /// The actor whose messages these are. Before anything is sent.
  void sender(caf::strong_actor_ptr x) { sender_ = std::move(x); }

  link& add(const caf::actor& handle);
  [[nodiscard]] link* find(const caf::actor_addr& who) const;
  [[nodiscard]] link* find_linked(const std::string& name) const;
  /// Takes a link out; null if there is none.
  std::unique_ptr<link> take(const caf::actor_addr& who);
  void clear();

  [[nodiscard]] std::vector<const link*> linked() const;
  /// The numbers of those that are linked.
  [[nodiscard]] std::vector<std::size_t> numbers() const;
  [[nodiscard]] bool are_settled() const;

  /// To one that is linked.
  void send(const link& to, byte_writer x) const;
  void send_to_all(byte_writer x) const;

private:
  peer_table* peers_;
  caf::strong_actor_ptr sender_;
  std::unordered_map<caf::actor_addr, std::unique_ptr<link>> links_;
};

} // namespace dcrf::cluster
