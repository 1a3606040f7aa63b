#include "dcrf/session/internal/subscriptions.hpp"

#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/session/internal/kept_request.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

// The name stands in the tables of the session, of its thread and of the server.
std::size_t cost_of(const group_name& x) { return holding_cost::group + 4 * x.key.size(); }

std::size_t cost_of(const subscription& x) {
  return holding_cost::request_id + x.request_id.size() + (x.by ? x.by->frame.size() : 0);
}

} // namespace

bool subscriptions::membership::is_only_live() const noexcept {
  return !nameless && std::ranges::all_of(named, [](const auto& x) { return x.live != nullptr; });
}

bool subscriptions::membership::is_live() const noexcept {
  return std::ranges::any_of(named, [](const auto& x) { return x.live != nullptr; });
}

task<> subscriptions::add(group_name group, std::optional<std::string> request_id,
                          std::shared_ptr<live_subscription> live,
                          std::shared_ptr<const kept_request> by) {
  const auto* known = find(group, request_id);
  if (known == nullptr) {
    insert(group, request_id, std::move(by));
    known = find(group, request_id);
  } else if (known->by != by) {
    keep(*known, std::move(by));
  }
  known->live = std::move(live);
  if (known->is_joined) {
    co_return;
  }
  // Also where the consumer is a member already: what others had committed before may not have been
  // announced here yet. Whoever subscribes meanwhile, in another action, waits until it is so, too.
  join_call joining{*context_, group, *member_};
  co_await joining;
  joined(group, request_id);
}

const subscription* subscriptions::find(const group_name& group,
                                        const std::optional<std::string>& request_id) const {
  const auto* x = find(group);
  if (x == nullptr) {
    return nullptr;
  }
  if (!request_id) {
    return x->nameless ? &*x->nameless : nullptr;
  }
  const auto& by_id = x->named.get<1>();
  auto named = by_id.find(*request_id);
  return named == by_id.end() ? nullptr : &*named;
}

void subscriptions::insert(const group_name& group, const std::optional<std::string>& request_id,
                           std::shared_ptr<const kept_request> by) {
  subscription added{
      .number = ++last_number_, .request_id = request_id.value_or(""), .by = std::move(by)};
  bool is_member = memberships_.contains(group);
  context_->budget().keep((is_member ? 0 : cost_of(group)) + cost_of(added), is_member ? 0 : 1);
  auto& x = memberships_[group];
  if (request_id) {
    x.named.insert(std::move(added));
  } else {
    x.nameless = std::move(added);
  }
}

// A request that subscribes again replaces the one before.
void subscriptions::keep(const subscription& x, std::shared_ptr<const kept_request> by) {
  auto& budget = context_->budget();
  budget.keep(by ? by->frame.size() : 0, 0);
  budget.release(x.by ? x.by->frame.size() : 0);
  x.by = std::move(by);
}

// It may have ended meanwhile.
void subscriptions::joined(const group_name& group, const std::optional<std::string>& request_id) {
  if (const auto* x = find(group, request_id); x != nullptr && !x->is_joined) {
    x->is_joined = true;
    x->since = context_->version();
  }
}

void subscriptions::make_plain(const group_name& group, const std::string& request_id) {
  if (const auto* x = find(group, request_id)) {
    x->live = nullptr;
    x->since = context_->version();
  }
}

void subscriptions::remove(const group_name& group, const std::optional<std::string>& request_id) {
  auto found = memberships_.find(group);
  if (found == memberships_.end()) {
    return;
  }
  auto& x = found->second;
  if (!request_id) {
    leave(found);
    return;
  }
  auto& by_id = x.named.get<1>();
  if (auto named = by_id.find(*request_id); named != by_id.end()) {
    context_->budget().release(cost_of(*named));
    by_id.erase(named);
  }
  if (x.named.empty() && !x.nameless) {
    leave(found);
  }
}

void subscriptions::leave(memberships::iterator x) {
  auto bytes = cost_of(x->first);
  for (const auto& named : x->second.named) {
    bytes += cost_of(named);
  }
  if (x->second.nameless) {
    bytes += cost_of(*x->second.nameless);
  }
  context_->budget().release(bytes, 1);
  context_->leave(x->first, *member_);
  memberships_.erase(x);
}

bool subscriptions::leave_some(std::size_t count) {
  while (!memberships_.empty() && count-- > 0) {
    leave(memberships_.begin());
  }
  return memberships_.empty();
}

void subscriptions::clear() {
  while (!memberships_.empty()) {
    leave(memberships_.begin());
  }
}

std::vector<subscriptions::kept> subscriptions::all_kept() const {
  std::map<std::pair<const kept_request*, std::string>, kept> found;
  auto add = [&](const group_name& group, const subscription& x, bool is_named) {
    if (!x.by) {
      return;
    }
    auto& to = found[{x.by.get(), x.request_id}];
    to.by = x.by;
    to.groups.push_back(group);
    to.request_id = is_named ? std::optional{x.request_id} : std::nullopt;
  };
  for (const auto& [group, membership] : memberships_) {
    for (const auto& x : membership.named) {
      add(group, x, true);
    }
    if (membership.nameless) {
      add(group, *membership.nameless, false);
    }
  }
  std::vector<kept> result;
  for (auto& [by, x] : found) {
    result.push_back(std::move(x));
  }
  return result;
}

const subscriptions::membership* subscriptions::find(const group_name& group) const {
  auto found = memberships_.find(group);
  return found == memberships_.end() ? nullptr : &found->second;
}

std::vector<std::string> request_ids_of(const subscriptions::membership& x,
                                        const group_message& message) {
  std::vector<std::string> result;
  for (const auto& named : x.named) {
    if (is_for(named, message)) {
      result.push_back(named.request_id);
    }
  }
  return result;
}

} // namespace dcrf
