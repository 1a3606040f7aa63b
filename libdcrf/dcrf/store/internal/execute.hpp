#pragma once

#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/store.hpp"

#include <optional>
#include <span>
#include <vector>

/// What the commands do. All of it runs in a transaction, in a savepoint of its own.
namespace dcrf::internal {

// Each throws store_failure or sql_error, but for a row that is not there: that is an answer. What
// a write has done before is the caller's to undo.
store_result execute(store& at, const list_command& x);
store_result execute(store& at, const retrieve_command& x);
store_result execute(store& at, const count_command& x);
store_result execute(store& at, const aggregate_command& x);
store_result execute(store& at, const create_command& x);
store_result execute(store& at, const update_command& x);
store_result execute(store& at, const ensure_command& x);
store_result execute(store& at, const delete_command& x);
store_result execute(store& at, const relate_command& x);
store_result execute(store& at, const bulk_create_command& x);
store_result execute(store& at, const bulk_update_command& x);
store_result execute(store& at, const bulk_delete_command& x);
store_result execute(store& at, const signal_command& x);

/// Whether all that a creation asks for is a row with a counted key.
[[nodiscard]] bool is_mere_insertion(const store& at, const create_command& x);

/// Executes such creations of one model in one statement, as many as the dialect says.
/// @returns nothing if each is to be executed by itself, because its errors are its own; what was
/// written is to be undone then
/// @throws store_failure or sql_error to the same effect
std::vector<store_result> insert_together(store& at,
                                          std::span<const create_command* const> creations);

/// Inserts a row that no client has given, and notes it.
/// @throws store_failure with `invalid` if a constraint forbids it
record insert_checked(store& at, const model_descriptor& model, record values);

/// Deletes rows, and what refers to them as the models say; notes all that changes.
/// @throws store_failure with `restricted` if rows that stay forbid it
void remove_with_referrers(store& at, const model_descriptor& model, std::vector<record> rows);

/// The row that a lookup means, for a command that will write: nobody else changes it before the
/// transaction's end. Nothing if there is none.
[[nodiscard]] std::optional<record> look_up_locked(store& at, const lookup& x);

/// Loads what a plan asks for into the rows of a model.
/// @param gone what they may refer to besides, if it is not null
void fetch_related(store& at, const model_descriptor& model, const fetch_plan& plan,
                   std::vector<row>& rows, const deleted_rows* gone = nullptr);

/// The rows with these keys, by their keys' order.
[[nodiscard]] std::vector<record> rows_with_keys(store& at, const model_descriptor& model,
                                                 const std::vector<value>& keys);

} // namespace dcrf::internal
