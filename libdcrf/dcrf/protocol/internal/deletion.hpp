#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/model/value.hpp"

#include <memory>
#include <string>

namespace dcrf::internal {

/// What clients are told of a row that is gone: `{"pk": …}`.
[[nodiscard]] json_text shown_deletion(const value& key);

/// The event that tells of it, up to its request id.
[[nodiscard]] std::shared_ptr<const std::string> head_of_deletion(const value& key);

} // namespace dcrf::internal
