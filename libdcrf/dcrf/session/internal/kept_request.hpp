#pragma once

#include <string>
#include <string_view>

namespace dcrf {

/// A request that subscribed, so that the permissions can be asked about it again. Shared by the
/// subscriptions that it made.
struct kept_request {
  std::string frame;
  /// Whether the request is the payload of a stream's frame.
  bool is_multiplexed = false;
};

} // namespace dcrf
