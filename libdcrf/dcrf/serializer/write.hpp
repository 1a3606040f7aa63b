#pragma once

#include "dcrf/serializer/serializer_descriptor.hpp"

#include <span>
#include <string>

namespace dcrf {

/// Writes a row as an object.
/// @pre the row was loaded with the serializer's plan
void write_json(json_writer& writer, const serializer_descriptor& serializer, const row& x,
                const serializer_context& context);

/// A row as text.
/// @pre as write_json
[[nodiscard]] json_text shown_row(const serializer_descriptor& serializer, const row& x,
                                  const serializer_context& context);

/// A row as it stands in a list: an object, or a link if the serializer lists these.
/// @pre as write_json
[[nodiscard]] std::string shown_in_list(const serializer_descriptor& serializer, const row& x,
                                        const serializer_context& context);

/// Writes rows as a list of objects, or of links if the serializer lists these.
/// @pre the rows were loaded with the serializer's plan
void write_json_list(json_writer& writer, const serializer_descriptor& serializer,
                     std::span<const row> rows, const serializer_context& context);

} // namespace dcrf
