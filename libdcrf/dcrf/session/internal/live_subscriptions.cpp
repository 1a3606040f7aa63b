#include "dcrf/session/internal/live_subscriptions.hpp"

#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

void check_positions(const group_name& group) {
  if (group.observer->plan == nullptr && group.observer->durable == nullptr) {
    throw validation_error("live", "This signal is not kept, so it has no positions.");
  }
  if (group.observer->group_plan != nullptr) {
    throw validation_error(
        "live", "The groups of this observer are made by other rows, of which no past is kept.");
  }
}

bool is_behind(const live_subscription& x) noexcept { return x.is_behind && x.is_open(); }

} // namespace

live_subscription_ptr live_subscriptions::find(const std::string& request_id) const {
  auto found = live_.find(request_id);
  return found == live_.end() ? nullptr : found->second;
}

live_subscription_ptr live_subscriptions::make(const std::string& request_id) {
  context_->budget().keep(holding_cost::live + request_id.size());
  ++context_->channels().live();
  context_->watch_positions(*member_);
  auto result = std::make_shared<live_subscription>(live_subscription{.request_id = request_id});
  live_.emplace(request_id, result);
  return result;
}

live_subscription_ptr live_subscriptions::subscribe(live_request& x, const group_name& group,
                                                    const std::optional<std::string>& request_id) {
  if (!request_id) {
    throw validation_error("request_id", "This field is required.");
  }
  check_positions(group);
  auto result = find(*request_id);
  if (!result) {
    result = make(*request_id);
  }
  if (x.subscribed != result) {
    x.subscribed = result;
    ++result->generation;
    result->reached = nullptr;
    result->is_behind = false;
    result->whole.clear();
  }
  if (std::ranges::find(result->groups, group) == result->groups.end()) {
    result->groups.push_back(group);
  }
  return result;
}

void live_subscriptions::subscribe_plainly(const std::string& request_id) {
  if (auto x = find(request_id)) {
    for (const auto& group : x->groups) {
      joined_->make_plain(group, request_id);
    }
    end(x);
  }
}

void live_subscriptions::abandon(const live_request& x) {
  if (auto y = x.subscribed; y && !y->is_ended) {
    for (const auto& group : std::exchange(y->groups, {})) {
      joined_->remove(group, y->request_id);
    }
    end(y);
  }
}

void live_subscriptions::left(const group_name& group,
                              const std::optional<std::string>& request_id) {
  std::vector<live_subscription_ptr> concerned;
  for (const auto& [id, x] : live_) {
    if (!request_id || *request_id == id) {
      concerned.push_back(x);
    }
  }
  for (const auto& x : concerned) {
    std::erase(x->groups, group);
    if (x->groups.empty()) {
      end(x);
    }
  }
}

void live_subscriptions::end(const live_subscription_ptr& x) {
  x->is_ended = true;
  x->whole.clear();
  context_->budget().release(holding_cost::live + x->request_id.size());
  --context_->channels().live();
  live_.erase(x->request_id);
}

void live_subscriptions::clear() {
  while (!live_.empty()) {
    end(live_subscription_ptr{live_.begin()->second});
  }
}

void live_subscriptions::fall_behind() {
  for (const auto& [id, x] : live_) {
    if (x->is_open()) {
      x->whole.clear();
      x->is_behind = true;
    }
  }
}

bool live_subscriptions::has_behind() const noexcept {
  return std::ranges::any_of(live_, [](const auto& x) { return is_behind(*x.second); });
}

std::vector<live_subscription_ptr> live_subscriptions::behind() const {
  std::vector<live_subscription_ptr> result;
  for (const auto& [id, x] : live_) {
    if (is_behind(*x)) {
      result.push_back(x);
    }
  }
  return result;
}

} // namespace dcrf
