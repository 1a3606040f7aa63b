#include "dcrf/testing/internal/hub.hpp"

#include "dcrf/testing/internal/session.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

std::vector<const observer_descriptor*> test_server::hub::observers_of(const void* subject) const {
  std::vector<const observer_descriptor*> result;
  for (const auto& [target, members] : members_) {
    if (target.observer != nullptr && target.observer->subject == subject
        && std::ranges::find(result, target.observer) == result.end()) {
      result.push_back(target.observer);
    }
  }
  return result;
}

void test_server::hub::publish(group_message_ptr message) {
  if (auto found = members_.find(message->target); found != members_.end()) {
    for (const auto& [member, session] : found->second) {
      session->deliver(member, message);
    }
  }
}

void test_server::hub::join(const group_name& x, session* session, group_member* member) {
  members_[x].emplace(member, session);
}

void test_server::hub::leave(const group_name& x, group_member* member) {
  if (auto found = members_.find(x); found != members_.end()) {
    found->second.erase(member);
    if (found->second.empty()) {
      members_.erase(found);
    }
  }
}

bool test_server::hub::is_member(const group_name& x, group_member* member) const {
  auto found = members_.find(x);
  return found != members_.end() && found->second.contains(member);
}

std::size_t test_server::hub::memberships() const {
  std::size_t result = 0;
  for (const auto& [target, members] : members_) {
    result += members.size();
  }
  return result;
}

} // namespace dcrf
