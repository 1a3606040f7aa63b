#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/store/feed_position.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dcrf {

/// A request id that is told of changes with positions, in all groups that it is in.
struct live_subscription {
  std::string request_id;
  std::vector<group_name> groups{};
  /// Its client has been told of what had committed before, or has loaded it. Null until the
  /// request that subscribes is answered: nothing is told so long.
  feed_position_ptr reached{};
  /// Messages were dropped: it has to catch up from the feed.
  bool is_behind = false;
  /// Nobody has subscribed under the request id any more.
  bool is_ended = false;
  /// Grows each time that a request subscribes anew.
  std::uint64_t generation = 0;
  /// What it has to be told of the commit at hand.
  std::vector<group_message_ptr> whole{};

  [[nodiscard]] bool is_open() const noexcept { return reached != nullptr; }

  /// Whether what was begun in a generation is for nobody any more.
  [[nodiscard]] bool is_over(std::uint64_t begun_in) const noexcept {
    return is_ended || generation != begun_in;
  }
};

using live_subscription_ptr = std::shared_ptr<live_subscription>;

} // namespace dcrf
