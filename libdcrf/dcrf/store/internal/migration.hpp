#pragma once

#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/migration.hpp"
#include "dcrf/store/schema.hpp"

#include <string>
#include <vector>

namespace dcrf::internal {

/// Brings the tables of a database to what the models want; see database::migrate. Only checks, if
/// the database can't be written to.
///
/// Columns that no model knows are left alone if rows can be inserted without them. Indexes that an
/// earlier version of the models asked for are removed; others are left alone.
/// @throws store_failure, sql_error
std::vector<std::string> migrate(connection& sql, const schema& models,
                                 const std::vector<migration>& migrations, migration_mode mode,
                                 const database_options& options);

} // namespace dcrf::internal
