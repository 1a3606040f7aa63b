#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/groups/replay.hpp"
#include "dcrf/session/internal/live_subscription.hpp"

#include <memory>
#include <string>
#include <vector>

namespace dcrf {

/// What a live subscription is told of one change: a frame, or an event for the handler of its
/// observer.
struct live_change {
  /// The frame up to its request id; null if the handler is called.
  std::shared_ptr<const std::string> head;
  group_message_ptr handled;
};

/// What a subscription is told of the commit at hand. A change that came to several of its groups
/// is told once.
[[nodiscard]] std::vector<live_change> changes_of(const live_subscription& x);

/// What was found in the feed.
/// @param subject whose queryset and serializers decide what its client may see
[[nodiscard]] std::vector<live_change> changes_of(const replay& x, consumer& subject);

} // namespace dcrf
