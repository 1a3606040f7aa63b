#pragma once

#include "dcrf/model/descriptor.hpp"
#include "dcrf/model/field_errors.hpp"
#include "dcrf/serializer/input_value.hpp"

namespace dcrf::internal {

/// Reads what was given for a field of a model, as DRF does, and adds what is wrong with it to
/// `errors`. Whether a row that is referred to exists, and whether a unique value is taken, is left
/// to the store.
value read_field_value(const field_descriptor& field, const input_value& x, field_errors& errors);

/// Reads a reference to the row whose `key` has the value given, and adds what is wrong with it to
/// `errors`.
value read_reference(const field_descriptor& key, const input_value& x, field_errors& errors);

} // namespace dcrf::internal
