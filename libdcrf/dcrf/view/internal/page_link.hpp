#pragma once

#include "dcrf/listing/pagination.hpp"
#include "dcrf/protocol/scope.hpp"

#include <optional>
#include <string>

namespace dcrf::detail {

/// The address of another page of what a request has asked for, as DRF links it: that of the
/// request, its query in the order of the names.
[[nodiscard]] std::string page_link(const scope& asked, const page::difference& difference);

} // namespace dcrf::detail
