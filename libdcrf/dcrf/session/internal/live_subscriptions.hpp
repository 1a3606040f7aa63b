#pragma once

#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/session/internal/live_request.hpp"
#include "dcrf/session/internal/live_subscription.hpp"
#include "dcrf/session/internal/subscriptions.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcrf {

/// The live subscriptions of one consumer, by their request ids.
class live_subscriptions {
public:
  /// @param context, member, joined outlive the subscriptions
  live_subscriptions(session_context& context, group_member& member, subscriptions& joined)
      : context_(&context), member_(&member), joined_(&joined) {}
  live_subscriptions(const live_subscriptions&) = delete;
  live_subscriptions& operator=(const live_subscriptions&) = delete;
  ~live_subscriptions() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return live_.empty(); }

  /// Null if nothing is live under the request id.
  [[nodiscard]] live_subscription_ptr find(const std::string& request_id) const;

  /// The live subscription that a request makes, or begins anew, by joining a group.
  /// @throws validation_error if the group has no positions; limit_exceeded
  live_subscription_ptr subscribe(live_request& x, const group_name& group,
                                  const std::optional<std::string>& request_id);

  /// The request id is told of events without positions from now on.
  void subscribe_plainly(const std::string& request_id);

  /// Ends what the request has begun, which failed.
  void abandon(const live_request& x);

  /// The request id, or each if there is none, has left a group.
  void left(const group_name& group, const std::optional<std::string>& request_id);

  void clear();

  /// All that are open have to catch up.
  void fall_behind();
  [[nodiscard]] bool has_behind() const noexcept;
  [[nodiscard]] std::vector<live_subscription_ptr> behind() const;

  /// All, to go over them.
  [[nodiscard]] const std::unordered_map<std::string, live_subscription_ptr>& all() const noexcept {
    return live_;
  }

private:
  live_subscription_ptr make(const std::string& request_id);
  void end(const live_subscription_ptr& x);

  session_context* context_;
  group_member* member_;
  subscriptions* joined_;
  std::unordered_map<std::string, live_subscription_ptr> live_;
};

} // namespace dcrf
