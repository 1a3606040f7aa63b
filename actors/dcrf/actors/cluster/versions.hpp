#pragma once

#include "dcrf/actors/cluster/identity.hpp"
#include "dcrf/actors/cluster/remote_repositories.hpp"
#include "dcrf/actors/repository_source.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace dcrf::cluster {

/// The versions of changes that this node can compare: those of the store that its sessions use,
/// its own or that of another node.
class versions {
public:
  /// @param local, remote outlive this; one of them is null
  versions(const repository_source* local, remote_repositories* remote, std::string remote_name)
      : local_(local), remote_(remote), remote_name_(std::move(remote_name)) {}

  /// Whether a node's versions are of the store that the sessions of this node use.
  [[nodiscard]] bool are_comparable(const identity& self, const identity& other) const {
    return !other.store.empty()
           && (remote_ != nullptr ? other.name == remote_name_ : other.store == self.store);
  }

  /// The last one that this node's own store has committed; 0 if it has none.
  [[nodiscard]] std::uint64_t here() const { return local_ != nullptr ? local_->version() : 0; }

  /// The node whose store this one uses has committed a version.
  void committed(std::uint64_t version) const {
    if (remote_ != nullptr) {
      remote_->committed(version);
    }
  }

private:
  const repository_source* local_;
  remote_repositories* remote_;
  std::string remote_name_;
};

} // namespace dcrf::cluster
