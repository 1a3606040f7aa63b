#pragma once

#include "dcrf/groups/group.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace dcrf::cluster {

/// The groups that have members on this node, and which linked nodes have not confirmed yet that
/// they know. Used on one thread.
class interests {
public:
  using ready_function = std::function<void()>;

  /// Tells all of the nodes of an interest.
  using announce_function = std::function<void(const group_name&, std::uint64_t number)>;

  /// One more member. `ready` is called when all nodes know: maybe at once.
  /// @param nodes those that are linked, who are told by `announce` if this is the first member
  void hold(const group_name& x, ready_function ready, const std::vector<std::size_t>& nodes,
            const announce_function& announce);

  /// One member less.
  /// @returns whether it was the last one
  bool release(const group_name& x);

  /// A node that was linked now: it has to confirm all.
  void add_node(std::size_t node, const announce_function& announce);

  /// A node that is lost: nobody waits for it any more.
  void remove_node(std::size_t node);

  /// A node knows.
  void confirm(std::size_t node, std::uint64_t number);

  [[nodiscard]] std::size_t size() const noexcept { return groups_.size(); }

  /// Drops all, with those who wait.
  void clear();

private:
  struct interest {
    std::uint64_t number = 0;
    std::size_t members = 0;
    std::unordered_set<std::size_t> unconfirmed{};
    std::vector<ready_function> waiting{};
  };

  void confirm(std::size_t node, interest& x);

  std::unordered_map<group_name, interest> groups_;
  // Confirmations name an interest by its number: the group may have lost all members meanwhile,
  // and got new ones.
  std::unordered_map<std::uint64_t, group_name> by_number_;
  std::uint64_t last_number_ = 0;
};

} // namespace dcrf::cluster
