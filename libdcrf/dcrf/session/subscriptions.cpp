#include "dcrf/session/subscriptions.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

task<> subscriptions::add(group_name group, std::optional<std::string> request_id) {
  auto& x = memberships_[group];
  if (!request_id) {
    x.is_nameless = true;
  } else if (std::ranges::find(x.request_ids, *request_id) == x.request_ids.end()) {
    x.request_ids.push_back(std::move(*request_id));
  }
  if (x.is_joined) {
    co_return;
  }
  // Whoever subscribes meanwhile, in another action, waits until it is so, too.
  join_call joining{*context_, group, *member_};
  co_await joining;
  if (auto joined = memberships_.find(group); joined != memberships_.end()) {
    joined->second.is_joined = true;
  }
}

void subscriptions::remove(const group_name& group, const std::optional<std::string>& request_id) {
  auto found = memberships_.find(group);
  if (found == memberships_.end()) {
    return;
  }
  auto& x = found->second;
  if (request_id) {
    std::erase(x.request_ids, *request_id);
  } else {
    x.request_ids.clear();
    x.is_nameless = false;
  }
  if (x.request_ids.empty() && !x.is_nameless) {
    context_->leave(group, *member_);
    memberships_.erase(found);
  }
}

void subscriptions::clear() {
  for (const auto& [group, x] : memberships_) {
    context_->leave(group, *member_);
  }
  memberships_.clear();
}

const std::vector<std::string>* subscriptions::find(const group_name& group) const {
  auto found = memberships_.find(group);
  return found == memberships_.end() ? nullptr : &found->second.request_ids;
}

} // namespace dcrf
