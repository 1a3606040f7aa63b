#pragma once

#include "dcrf/store/internal/row_errors.hpp"
#include "dcrf/store/internal/store.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dcrf::internal {

/// Brings a value into the form that its field keeps.
/// @throws store_failure if it is of another type: that is the program's mistake, not the client's.
void fit(const model_descriptor& model, std::size_t field, record& values);

/// A new row's values as they will be written: with a random key, automatic times, and all of them
/// fitted. A counted key that is null or 0 becomes null, for the database to fill in.
[[nodiscard]] record prepared_row(const model_descriptor& model, record values);

/// Counts up the version of a row that is about to be updated, if it has one, and adds it to the
/// fields to write.
void count_version(const model_descriptor& model, record& values, std::vector<std::size_t>& fields);

/// The same, and sets the fields that take the current time at each save.
void touch(const model_descriptor& model, record& values, std::vector<std::size_t>& fields);

/// Inserts a prepared row and fills in its counted key.
/// @throws sql_error
void insert_row(store& at, const model_descriptor& model, record& values);

/// Inserts prepared rows, as many as the dialect says, in one statement, and fills in their counted
/// keys.
/// @param versions becomes those of the changes, if the database counts them
/// @returns false if it is not known which key which row got, since there is a trigger; the rows
/// are inserted nevertheless
/// @throws sql_error; none of them is inserted then
bool insert_rows(store& at, const model_descriptor& model, std::span<record> rows,
                 std::vector<std::uint64_t>& versions);

/// Writes some fields of the row that had the key `key`.
/// @throws sql_error
void update_row(store& at, const model_descriptor& model, const value& key, const record& values,
                std::span<const std::size_t> fields);

void delete_row(store& at, const model_descriptor& model, const value& key);

/// Adds what speaks against nulls, and against texts that the database can't hold.
void check_values(const dialect& language, const model_descriptor& model, const record& values,
                  std::span<const std::size_t> fields, row_errors& errors);

/// Adds what other rows say against values: unique ones that are taken, and references to rows that
/// are not there. Fields that have errors already are left alone. `own_key` is null for a new row.
void check_others(store& at, const model_descriptor& model, const record& values,
                  std::span<const std::size_t> fields, const value& own_key, row_errors& errors);

/// Adds what other rows say against values that shall be unique together.
void check_together(store& at, const model_descriptor& model, const record& values,
                    std::span<const std::size_t> fields, const value& own_key, row_errors& errors);

/// Whether a model has a row with this key.
[[nodiscard]] bool has_row(store& at, const model_descriptor& model, const value& key);

/// What a violated constraint says about the input, where checks of our own did not find it.
[[nodiscard]] store_failure failure_of(const store& at, const sql_error& error);

} // namespace dcrf::internal
