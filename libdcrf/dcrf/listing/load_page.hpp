#pragma once

#include "dcrf/listing/pagination.hpp"
#include "dcrf/runtime/runtime.hpp"

#include <vector>

namespace dcrf::detail {

/// The rows that a page wants loaded, and the number of all rows where it wants to know that.
/// @param x outlives the task
task<store_result> load_page(const runtime& within, page& x, fetch_plan plan);

} // namespace dcrf::detail
