#pragma once

#include "dcrf/groups/replay.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/runtime/context.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace dcrf {

struct live_subscription;

/// What a request asks for by its member `live`, and what its reply says there.
struct live_request {
  /// @throws validation_error if the member is not as it should be
  explicit live_request(const request& req);

  /// The member of the reply, without the braces; empty if there is nothing to be said.
  [[nodiscard]] std::string answer() const;

  /// Has the changes after a position replayed.
  std::optional<std::string> since{};
  /// The request id of the subscription that a load is for.
  std::optional<std::string> of{};
  /// What the commands of the action came to.
  command_notes notes{};
  /// The subscription that the action has made, or begun anew.
  std::shared_ptr<live_subscription> subscribed{};
  /// What became of `since`.
  std::optional<replay::outcome> resumed{};
  /// Whether the reply is followed by what was missed.
  bool has_more = false;
  /// Up to where the client has all, when it has the reply.
  feed_position_ptr at{};
  /// The status that it was answered with; 0 if it was not.
  std::int64_t status = 0;
};

} // namespace dcrf
