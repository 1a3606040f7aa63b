#pragma once

#include "dcrf/groups/group.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace dcrf {

/// The links to the other nodes of a cluster, as far as groups are concerned. Safe to call from any
/// thread.
class group_links {
public:
  virtual ~group_links() = default;

  /// Says that this node is about to have one more member in a group.
  /// @param ready is called once, on a thread of the links, when each message published from then
  /// on
  ///        at any linked node comes here
  virtual void hold(const group_name& x, std::function<void()> ready) = 0;
  /// Takes back one `hold`, whether or not it was ready.
  virtual void release(const group_name& x) = 0;

  /// Sends a message on to nodes, by their numbers in the directory: once to each.
  virtual void forward(const group_message& message, std::span<const std::size_t> nodes) = 0;
};

} // namespace dcrf
