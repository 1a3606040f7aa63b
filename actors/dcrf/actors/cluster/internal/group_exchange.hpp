#pragma once

#include "dcrf/actors/cluster/internal/interests.hpp"
#include "dcrf/actors/cluster/internal/links.hpp"
#include "dcrf/actors/cluster/internal/versions.hpp"
#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/model/bytes.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>

namespace dcrf::cluster {

/// Groups over nodes: tells others which have members here, notes in the directory which have
/// members there, and gives their messages to the members here. Used on the node's thread.
class group_exchange {
public:
  /// @param directory, others, known, self outlive this
  group_exchange(group_directory& directory, const links& others, versions& known,
                 const identity& self)
      : directory_(&directory), links_(&others), versions_(&known), self_(&self) {}

  // -- members here -------------------------------------------------------------------------------

  void hold(const group_name& x, std::function<void()> ready);
  void release(const group_name& x);
  void clear() { interests_.clear(); }

  // -- links --------------------------------------------------------------------------------------

  /// A node was linked: it is told of all groups that have members here.
  void linked(const link& with);
  /// A node is lost. If it returns, messages may have been lost meanwhile.
  void lost(const link& with);

  // -- what others say ----------------------------------------------------------------------------

  void note_interest(link& from, byte_reader& in);
  void forget_interest(link& from, byte_reader& in);
  /// The node knows that a group has members here.
  void confirm(const link& from, byte_reader& in);
  /// The node has told all groups that have members there.
  void all_noted(const link& from);
  /// The node knows all groups that have members here: what it does from now on arrives.
  void all_known(link& from);
  void take_event(const link& from, byte_reader& in);

private:
  [[nodiscard]] bool is_comparable(const link& x) const;

  group_directory* directory_;
  const links* links_;
  versions* versions_;
  const identity* self_;
  interests interests_;
  // Nodes of which members here may have missed something: they were linked once, and are not now
  // or have not said yet that they know all groups again; or they were not when somebody joined.
  std::unordered_set<std::string> lost_;
};

} // namespace dcrf::cluster
