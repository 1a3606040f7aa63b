#pragma once

#include "dcrf/json/json_view.hpp"
#include "dcrf/serializer/input_value.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/serializer/validated.hpp"

#include <optional>
#include <vector>

namespace dcrf {

/// Reads what a client wants to write, checks it, and has the serializer's hooks check and change
/// it; where the input refers to rows by links, these are to be looked up before the hooks run.
/// Fields that are unknown or read-only are ignored; all that is wrong is collected. What only the
/// store can know (whether a unique value is taken, whether a row referred to exists) is not
/// checked.
/// @param partial whether fields may be missing, as in a patch
[[nodiscard]] validated_input read_input(const serializer_descriptor& serializer, json_view data,
                                         const serializer_context& context, bool partial);

/// Runs the hooks of a serializer, unless something is wrong already: of input whose links were
/// looked up.
void run_input_hooks(const serializer_descriptor& serializer, validated_input& input,
                     const serializer_context& context);

/// What was read from a list of objects: DRF's `many=True`.
struct validated_list {
  /// One for each object, in their order.
  std::vector<validated_input> items;
  /// What is wrong: a list with an object for each item, empty for those that are right; or, if the
  /// input was no list, an object.
  field_errors errors;
  bool is_valid = true;
};

/// Reads a list of objects, each as read_input does, and goes on after one that is wrong.
/// @param allow_empty whether there may be no object at all
[[nodiscard]] validated_list read_input_list(const serializer_descriptor& serializer,
                                             json_view data, const serializer_context& context,
                                             bool allow_empty = true);

/// Reads a value to compare those of a field with: it must be of the field's type, but need not be
/// one that the field allows. A day stands for its midnight in UTC where a time is compared.
/// @throws validation_error with the field's message if it is of another type
[[nodiscard]] value read_operand(const field_descriptor& field, const input_value& x);

/// Reads a value as a serializer reads that of a field.
/// @param errors what is wrong is added, if the result is empty
[[nodiscard]] std::optional<value> read_field(const field_descriptor& field, const input_value& x,
                                              field_errors& errors);

/// Reads the value of the field that a row is looked up by, its primary key say: numbers may come
/// as text. Empty if `x` can't be one.
[[nodiscard]] std::optional<value> read_key(const field_descriptor& field, const input_value& x);

} // namespace dcrf
