#pragma once

#include "dcrf/model/descriptor.hpp"
#include "dcrf/store/internal/statement.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
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

/// Reads one value of a field as the database has it: a text that is none of the field's choices,
/// too, because these are checked on input only.
/// @returns nothing if the content is not what the field holds
[[nodiscard]] std::optional<value> read_value(const found_row& from, std::size_t column,
                                              const field_descriptor& field);

/// The same, for those who look for what is wrong: other texts than the choices are nothing, too.
[[nodiscard]] std::optional<value> read_exactly(const found_row& from, std::size_t column,
                                                const field_descriptor& field);

/// What is wrong with content that can't be read: "a blob where a text is expected".
[[nodiscard]] std::string misfit(const found_row& from, std::size_t column,
                                 const field_descriptor& field);

} // namespace dcrf::internal
