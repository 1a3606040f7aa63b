#pragma once

#include "dcrf/model/descriptor.hpp"
#include "dcrf/store/internal/statement.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace dcrf::internal {

/// How the values of a type are kept: booleans as 0 and 1, times as microseconds since the epoch,
/// decimals as integers scaled by their places, dates and UUIDs as text.
[[nodiscard]] storage storage_of(field_type type) noexcept;

/// A value as the field keeps it: integers become the field's decimals or reals, decimals get its
/// places. Empty if that is not possible. Null fits every field.
[[nodiscard]] std::optional<value> fitted(const field_descriptor& field, value x);

/// The same with the value itself, which stays as it is if it does not fit.
/// @returns whether it does
bool fit(const field_descriptor& field, value& x);

/// The largest decimal of the field that is not larger than `x`, as far as it fits.
[[nodiscard]] decimal rounded_down(const field_descriptor& field, const decimal& x);

/// Reads the model's fields from the row at hand, beginning with a column.
/// @throws store_failure naming table, column and key if the content does not fit the field.
[[nodiscard]] record read_record(const statement& from, std::size_t first,
                                 const model_descriptor& model);

/// Reads one value of a field.
/// @throws store_failure
[[nodiscard]] value read_value(const statement& from, std::size_t column,
                               const model_descriptor& model, const field_descriptor& field);

} // namespace dcrf::internal
