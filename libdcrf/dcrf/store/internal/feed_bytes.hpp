#pragma once

#include "dcrf/store/change.hpp"
#include "dcrf/store/schema.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// Adds a change as a feed keeps it, without what is shown of it.
/// @param layout names the columns that the values are of
void write_change(std::string& to, const change& x, std::uint64_t layout);

/// The model whose columns a layout has; null if no model has them any more.
using model_of_layout = std::function<const model_descriptor*(std::uint64_t layout)>;

/// Reads what `write_change` wrote; leaves out what is of no model's columns.
/// @throws malformed_bytes
[[nodiscard]] std::vector<change> read_changes(std::string_view from, const schema& models,
                                               const model_of_layout& model_of);

} // namespace dcrf::internal
