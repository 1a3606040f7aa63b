#pragma once

#include "dcrf/store/change.hpp"
#include "dcrf/store/query.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

namespace dcrf::internal {

/// What is known of a row without asking the database.
enum class truth : std::uint8_t { no, yes, unknown };

/// Whether a row meets a condition, as far as its own values say. What collations, decimals and
/// other rows decide is unknown.
/// @param is_new whether the row is new: no other row belongs to it then
[[nodiscard]] truth holds(const condition& x, const model_descriptor& model, const record& values,
                          bool is_new = false);

/// The columns of the row itself that a condition looks at.
void add_columns(const condition& x, std::set<std::size_t>& to);

/// The models, besides that of the rows, whose changes may change what a condition says of a row.
void add_models(const condition& x, const model_descriptor& model,
                std::vector<const model_descriptor*>& to);

/// Whether a change may change what a condition says of rows of `model` other than by the changed
/// row being one of them.
[[nodiscard]] bool may_change(const condition& x, const model_descriptor& model,
                              const change& what);

/// The same for the order of rows.
[[nodiscard]] bool may_change(const std::vector<ordering>& by, const model_descriptor& model,
                              const change& what);
void add_models(const std::vector<ordering>& by, const model_descriptor& model,
                std::vector<const model_descriptor*>& to);

/// A comparison by which a condition finds few of many rows: all rows that meet it have one of the
/// values in the column.
struct equality {
  std::size_t column = 0;
  std::vector<value> operands{};
};
[[nodiscard]] std::optional<equality> equality_of(const condition& x);

/// Whether a row comes after another one in an order, if that is certain.
/// @param compares_texts whether texts are ordered by their bytes
[[nodiscard]] bool is_surely_after(const record& x, const record& other,
                                   const std::vector<ordering>& by, const model_descriptor& model,
                                   bool compares_texts);

} // namespace dcrf::internal
