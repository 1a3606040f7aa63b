#pragma once

#include "dcrf/store/internal/store.hpp"

#include <string>
#include <vector>

namespace dcrf::internal {

/// Looks for rows that can't be read as their models say; see database::find_unreadable.
std::vector<std::string> find_unreadable(store& at);

} // namespace dcrf::internal
