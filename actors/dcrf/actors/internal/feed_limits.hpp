#pragma once

#include "dcrf/store/feed.hpp"

#include <optional>
#include <string_view>

namespace dcrf {

/// What `--feed-retention` and `--once-retention` mean: limits with their units, apart by commas,
/// as in `1h,256MiB`. Times are in ms, s, min or h, sizes in KiB, MiB or GiB, and a plain number is
/// one of transactions; what is not limited keeps its default. `off` is a retention of nothing at
/// all.
/// @param unsaid the defaults
/// @returns nothing if it means nothing
[[nodiscard]] std::optional<feed_retention> read_retention(std::string_view text,
                                                           feed_retention unsaid = {});

} // namespace dcrf
