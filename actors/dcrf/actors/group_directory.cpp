#include "dcrf/actors/group_directory.hpp"

#include "dcrf/actors/messages.hpp"
#include "dcrf/consumer/observer_descriptor.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace dcrf {

std::size_t group_directory::add(caf::actor groups) {
  std::unique_lock lock{mutex_};
  threads_.push_back(std::move(groups));
  return threads_.size() - 1;
}

void group_directory::clear() {
  std::unique_lock lock{mutex_};
  threads_.clear();
  members_.clear();
  observers_.clear();
}

void group_directory::enter(const group_name& x, std::size_t thread) {
  std::unique_lock lock{mutex_};
  auto& threads = members_[x];
  if (threads.empty()) {
    count(x.observer, true);
  }
  threads.push_back(thread);
}

void group_directory::withdraw(const group_name& x, std::size_t thread) {
  std::unique_lock lock{mutex_};
  auto found = members_.find(x);
  if (found == members_.end()) {
    return;
  }
  std::erase(found->second, thread);
  if (found->second.empty()) {
    members_.erase(found);
    count(x.observer, false);
  }
}

// A group of the observer has got its first member, or has lost its last one.
void group_directory::count(const observer_descriptor* observer, bool is_new) {
  if (observer == nullptr) {
    return;
  }
  auto& observers = observers_[observer->subject];
  auto found = std::ranges::find(observers, observer, &observed_by::observer);
  if (found == observers.end()) {
    observers.push_back({observer, 1});
  } else if (is_new) {
    ++found->groups;
  } else if (--found->groups == 0) {
    observers.erase(found);
  }
}

std::vector<const observer_descriptor*> group_directory::observers_of(const void* subject) const {
  std::vector<const observer_descriptor*> result;
  std::shared_lock lock{mutex_};
  if (auto found = observers_.find(subject); found != observers_.end()) {
    for (const auto& x : found->second) {
      result.push_back(x.observer);
    }
  }
  return result;
}

bool group_directory::has_members(const group_name& x) const {
  std::shared_lock lock{mutex_};
  return members_.contains(x);
}

void group_directory::publish(group_message_ptr message) {
  std::shared_lock lock{mutex_};
  auto found = members_.find(message->target);
  if (found == members_.end()) {
    return;
  }
  for (auto thread : found->second) {
    if (thread < threads_.size()) {
      caf::anon_send(threads_[thread], message);
    }
  }
}

} // namespace dcrf
