#include "dcrf/actors/cluster/internal/links.hpp"

#include <algorithm>
#include <utility>

namespace dcrf::cluster {

link& links::add(const caf::actor& handle) {
  auto& added = links_[handle->address()];
  added = std::make_unique<link>();
  added->handle = handle;
  return *added;
}

link* links::find(const caf::actor_addr& who) const {
  auto found = links_.find(who);
  return found == links_.end() ? nullptr : found->second.get();
}

link* links::find_linked(const std::string& name) const {
  auto found = std::ranges::find_if(
      links_, [&](const auto& x) { return x.second->is_linked && x.second->who.name == name; });
  return found == links_.end() ? nullptr : found->second.get();
}

std::unique_ptr<link> links::take(const caf::actor_addr& who) {
  auto taken = links_.extract(who);
  return taken ? std::move(taken.mapped()) : nullptr;
}

void links::clear() {
  links_.clear();
  sender_ = nullptr;
}

std::vector<const link*> links::linked() const {
  std::vector<const link*> result;
  for (const auto& [address, x] : links_) {
    if (x->is_linked) {
      result.push_back(x.get());
    }
  }
  return result;
}

std::vector<std::size_t> links::numbers() const {
  std::vector<std::size_t> result;
  for (const auto* x : linked()) {
    result.push_back(x->number);
  }
  return result;
}

bool links::are_settled() const {
  return std::ranges::all_of(links_, [](const auto& x) { return x.second->is_settled; });
}

void links::send(const link& to, byte_writer x) const {
  std::size_t number = to.number;
  peers_->send(sender_, sealed(std::move(x)), {&number, 1}, false);
}

void links::send_to_all(byte_writer x) const {
  peers_->send(sender_, sealed(std::move(x)), numbers(), false);
}

} // namespace dcrf::cluster
