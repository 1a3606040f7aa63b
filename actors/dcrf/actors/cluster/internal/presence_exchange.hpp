#pragma once

#include "dcrf/actors/cluster/internal/links.hpp"
#include "dcrf/groups/presence_table.hpp"
#include "dcrf/model/bytes.hpp"

#include <cstdint>
#include <optional>

namespace dcrf::cluster {

/// Presence over nodes: tells others who comes and goes here, and notes who does there. Used on the
/// node's thread.
class presence_exchange {
public:
  /// @param table, others outlive this
  presence_exchange(presence_table& table, const links& others) : table_(&table), links_(&others) {}

  /// Somebody came here, or went.
  void tell(std::uint64_t number, const std::optional<presence_table::entry>& came) const;

  /// A node was linked: it is told of all that are here.
  void linked(const link& with) const;
  /// A node is lost, and those who are present there have gone.
  void lost(const link& with) const { table_->forget(with.number); }

  // -- what others say ----------------------------------------------------------------------------

  void note_arrival(const link& from, byte_reader& in) const;
  void note_departure(const link& from, byte_reader& in) const;

private:
  presence_table* table_;
  const links* links_;
};

} // namespace dcrf::cluster
