#pragma once

#include "dcrf/json/json_view.hpp"
#include "dcrf/model/field_errors.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/serializer/validated.hpp"

namespace dcrf::internal {

/// Reads what was given for a field that is shown as a link: primary keys or links. Whether there
/// are such rows is left to whoever looks up `validated_input::links`.
void read_link(validated_input& result, const serializer_field& field, json_view x,
               const serializer_context& context, field_errors& errors);

} // namespace dcrf::internal
