#pragma once

#include "dcrf/runtime/runtime.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/serializer/validated.hpp"

namespace dcrf::detail {

/// Finds the rows that the input refers to by links, or adds the error of each that there is not;
/// then runs the hooks of the serializer, which have waited for these.
/// @param serializer, input, context outlive the task
task<> look_up_links(const runtime& within, const serializer_descriptor& serializer,
                     validated_input& input, const serializer_context& context);

} // namespace dcrf::detail
