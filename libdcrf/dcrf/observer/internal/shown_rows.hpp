#pragma once

#include "dcrf/store/change.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/row.hpp"

#include <unordered_set>
#include <vector>

namespace dcrf::internal {

using row_keys = std::unordered_set<row_key, row_key_hash>;

/// The rows that are shown with a row, and within them.
void add_shown_keys(const fetch_plan& plan, const row& x, row_keys& to);

/// The models whose rows are shown with rows of a model, and those that link them.
void add_shown_models(const fetch_plan& plan, const model_descriptor& model,
                      std::vector<const model_descriptor*>& to);

/// Whether a change of one row may change what is shown of other rows.
/// @param shown those rows, and what is shown with them
[[nodiscard]] bool may_change_shown(const row_keys& shown, const fetch_plan& plan,
                                    const model_descriptor& model, const change& x);

} // namespace dcrf::internal
