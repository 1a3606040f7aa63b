#pragma once

#include "dcrf/actors/cluster/internal/links.hpp"
#include "dcrf/actors/cluster/internal/remote_node.hpp"
#include "dcrf/actors/cluster/internal/versions.hpp"
#include "dcrf/model/bytes.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace dcrf::cluster {

/// What this node asks others, by their names, and the way of the answers back. Used on the node's
/// thread.
class remote_nodes {
public:
  /// @param others, known, self outlive this
  remote_nodes(const links& others, versions& known, const identity& self)
      : links_(&others), versions_(&known), self_(&self) {}

  /// @param x outlives this, or the last call
  void add(const std::string& name, remote_node& x);

  void linked(const link& with) const;
  void lost(const link& with) const;

  // -- questions, to a node that is linked --------------------------------------------------------

  void ask(const std::string& name, std::uint64_t id, const command& x) const;
  void abandon(const std::string& name, std::uint64_t transaction) const;
  void ask_to_catch_up(const std::string& name, std::uint64_t number) const;
  void ask(const std::string& name, std::uint64_t id, const session_question& x) const;

  // -- what others say ----------------------------------------------------------------------------

  void take_result(const link& from, byte_reader& in) const;
  void take_caught_up(const link& from, byte_reader& in) const;
  void take_session_answer(const link& from, byte_reader& in) const;

private:
  void note_version(const link& from, byte_reader& in) const;
  [[nodiscard]] remote_node* find(const std::string& name) const;
  void send(const std::string& name, byte_writer x) const;

  const links* links_;
  versions* versions_;
  const identity* self_;
  std::unordered_map<std::string, remote_node*> nodes_;
};

} // namespace dcrf::cluster
