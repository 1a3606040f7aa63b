#pragma once

#include "dcrf/json/json_view.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/serializer/validated.hpp"

#include <optional>

namespace dcrf {

/// Reads what a client wants to write, checks it, and has the serializer's hooks check and change
/// it. Fields that are unknown or read-only are ignored; all that is wrong is collected. What only
/// the store can know (whether a unique value is taken, whether a row referred to exists) is not
/// checked.
/// @param partial whether fields may be missing, as in a patch
[[nodiscard]] validated_input read_input(const serializer_descriptor& serializer, json_view data,
                                         const serializer_context& context, bool partial);

/// Reads the value of the field that a row is looked up by, its primary key say: numbers may come
/// as text. Empty if `x` can't be one.
[[nodiscard]] std::optional<value> read_key(const field_descriptor& field, json_view x);

} // namespace dcrf
