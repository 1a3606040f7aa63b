#pragma once

#include "dcrf/store/feed_position.hpp"

#include <string>
#include <string_view>

namespace dcrf::internal {

/// `"at":"…"`: the member of a frame after which its client has all that committed before.
[[nodiscard]] std::string at_member(const feed_position& x);

/// What follows a request id, if more members are to follow it: `,"live":{…}}`.
[[nodiscard]] std::string live_tail(std::string_view members);

} // namespace dcrf::internal
