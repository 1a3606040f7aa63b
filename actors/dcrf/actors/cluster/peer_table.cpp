#include "dcrf/actors/cluster/peer_table.hpp"

#include <caf/message.hpp>
#include <caf/message_id.hpp>

#include <utility>

namespace dcrf::cluster {

std::size_t peer_table::number_of(const std::string& name) {
  std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].status.name == name) {
      return i;
    }
  }
  entries_.push_back({.status = {.name = name}});
  return entries_.size() - 1;
}

void peer_table::link(std::size_t number, std::string address, caf::actor handle) {
  std::lock_guard lock{mutex_};
  auto& x = entries_[number];
  x.status.address = std::move(address);
  x.status.is_linked = true;
  x.status.since = std::chrono::system_clock::now();
  x.handle = std::move(handle);
}

void peer_table::unlink(std::size_t number) {
  std::lock_guard lock{mutex_};
  auto& x = entries_[number];
  x.status.is_linked = false;
  x.status.since = std::chrono::system_clock::now();
  x.handle = nullptr;
}

void peer_table::send(const caf::strong_actor_ptr& self, cluster_envelope x,
                      std::span<const std::size_t> nodes, bool is_event) {
  auto size = x.bytes.size();
  auto message = caf::make_message(std::move(x));
  std::lock_guard lock{mutex_};
  for (auto number : nodes) {
    auto& to = entries_[number];
    if (to.handle) {
      to.status.bytes_sent += size;
      to.status.events_sent += is_event ? 1 : 0;
      to.handle->enqueue(self, caf::make_message_id(), message, nullptr);
    }
  }
}

void peer_table::count_received(std::size_t number, std::size_t bytes, bool is_event) {
  std::lock_guard lock{mutex_};
  entries_[number].status.bytes_received += bytes;
  entries_[number].status.events_received += is_event ? 1 : 0;
}

std::vector<node_status> peer_table::list() const {
  std::lock_guard lock{mutex_};
  std::vector<node_status> result;
  result.reserve(entries_.size());
  for (const auto& x : entries_) {
    result.push_back(x.status);
  }
  return result;
}

void peer_table::clear() {
  std::lock_guard lock{mutex_};
  entries_.clear();
}

} // namespace dcrf::cluster
