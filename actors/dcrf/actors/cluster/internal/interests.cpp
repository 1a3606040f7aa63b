#include "dcrf/actors/cluster/internal/interests.hpp"

#include <utility>

namespace dcrf::cluster {

void interests::hold(const group_name& x, ready_function ready,
                     const std::vector<std::size_t>& nodes, const announce_function& announce) {
  auto [found, is_new] = groups_.try_emplace(x);
  auto& held = found->second;
  ++held.members;
  if (is_new) {
    held.number = ++last_number_;
    by_number_.emplace(held.number, x);
    held.unconfirmed.insert(nodes.begin(), nodes.end());
    announce(x, held.number);
  }
  if (held.unconfirmed.empty()) {
    ready();
  } else {
    held.waiting.push_back(std::move(ready));
  }
}

bool interests::release(const group_name& x) {
  auto found = groups_.find(x);
  if (found == groups_.end() || --found->second.members > 0) {
    return false;
  }
  by_number_.erase(found->second.number);
  groups_.erase(found);
  return true;
}

void interests::add_node(std::size_t node, const announce_function& announce) {
  for (auto& [name, x] : groups_) {
    x.unconfirmed.insert(node);
    announce(name, x.number);
  }
}

void interests::remove_node(std::size_t node) {
  for (auto& [name, x] : groups_) {
    confirm(node, x);
  }
}

void interests::confirm(std::size_t node, std::uint64_t number) {
  if (auto found = by_number_.find(number); found != by_number_.end()) {
    confirm(node, groups_.at(found->second));
  }
}

void interests::confirm(std::size_t node, interest& x) {
  x.unconfirmed.erase(node);
  if (x.unconfirmed.empty()) {
    for (auto& ready : std::exchange(x.waiting, {})) {
      ready();
    }
  }
}

void interests::clear() {
  groups_.clear();
  by_number_.clear();
}

} // namespace dcrf::cluster
