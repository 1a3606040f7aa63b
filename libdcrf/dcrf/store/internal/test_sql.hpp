#pragma once

#include "dcrf/store/database.hpp"

#include <filesystem>
#include <string>

/// What the store's tests do behind its back, over a connection of their own.
namespace dcrf::store_test {

void execute_sql(const std::filesystem::path& file, const std::string& sql);

/// The first column of the first row, as text.
std::string query_sql(const std::filesystem::path& file, const std::string& sql);

/// Puts something else into a column of all rows of a table that checks what it holds.
void spoil(const std::filesystem::path& file, const std::string& table, const std::string& column,
           const std::string& literal);

// The same for the database that DCRF_TEST_DATABASE names.

/// Makes the schema of this program's tests anew, and returns the URL of the database with it.
std::string empty_postgresql();

/// Runs statements there, over a connection of their own, in the schema of the tests.
void execute_postgresql(const std::string& sql);

/// The first column of the first row, as text.
std::string query_postgresql(const std::string& sql);

} // namespace dcrf::store_test
