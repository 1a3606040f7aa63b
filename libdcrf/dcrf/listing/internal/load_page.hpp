#pragma once

#include "dcrf/listing/pagination.hpp"
#include "dcrf/runtime/question.hpp"
#include "dcrf/runtime/runtime.hpp"

namespace dcrf::detail {

/// The rows that a page asks for, and their number if it wants that.
/// @param x outlives the task
task<answered<found_rows>> load_page(const runtime& within, page& x, fetch_plan plan);

} // namespace dcrf::detail
