#pragma once

#include "dcrf/model/value.hpp"

#include <span>
#include <string>

namespace dcrf::internal {

/// Keys as a JSON array, which is how SQL takes a list of them.
[[nodiscard]] std::string key_array(std::span<const value> keys);

} // namespace dcrf::internal
