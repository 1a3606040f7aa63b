#pragma once

#include "dcrf/actors/cluster/internal/identity.hpp"
#include "dcrf/actors/cluster/internal/remote_repositories.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace dcrf::cluster {

/// The store that the sessions of this node use, its own or that of another node: whose versions of
/// changes can be compared with it, and who tells of its changes.
///
/// A node without a database counts on when the store comes back with lower versions, from another
/// database or with an earlier clock: what its members are told never seems to be older than they
/// are.
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

  /// Whether a node finds the changes that are made here by itself, as both have one database.
  [[nodiscard]] static bool are_found(const identity& self, const identity& other) noexcept {
    return !self.store.empty() && other.store == self.store;
  }

  /// Whether this node learns of changes of rows from another one. Of the nodes that share a
  /// database, one brings them to a node without one: that whose store it uses.
  [[nodiscard]] bool are_told(const identity& self, const identity& other) const noexcept {
    if (other.store.empty() || are_found(self, other)) {
      return false;
    }
    return remote_ == nullptr || other.name == remote_name_ || other.store != remote_store_;
  }

  /// A node was linked.
  void linked(const identity& other) {
    if (remote_ != nullptr && other.name == remote_name_) {
      remote_store_ = other.store;
      is_new_link_ = true;
    }
  }

  /// The last one that this node's own store has committed; 0 if it has none.
  [[nodiscard]] std::uint64_t here() const { return local_ != nullptr ? local_->version() : 0; }

  /// The node whose store this one uses has committed all up to a version.
  void committed(std::uint64_t version) {
    if (remote_ != nullptr) {
      remote_->committed(counted_on(version, version));
    }
  }

  /// That node tells of a change with a version.
  /// @returns it as this node counts; 0 if it is 0
  std::uint64_t told(std::uint64_t version) {
    if (remote_ == nullptr || version == 0) {
      return version;
    }
    auto result = counted_on(version, version - 1);
    remote_->committed(result);
    return result;
  }

private:
  // What had committed up to `before` is nothing that is missed, when a link is new: members are
  // told that they may have missed something after that was said.
  std::uint64_t counted_on(std::uint64_t version, std::uint64_t before) {
    if (std::exchange(is_new_link_, false) && before + shift_ < remote_->version()) {
      shift_ = remote_->version() - before;
    }
    return version + shift_;
  }

  const repository_source* local_;
  remote_repositories* remote_;
  std::string remote_name_;
  // Of the last link to that node.
  std::string remote_store_;
  // Nothing was said on it yet.
  bool is_new_link_ = false;
  // What this node adds to the versions of that one.
  std::uint64_t shift_ = 0;
};

} // namespace dcrf::cluster
