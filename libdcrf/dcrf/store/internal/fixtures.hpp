#pragma once

#include "dcrf/store/database.hpp"

#include <cstddef>
#include <iosfwd>
#include <string_view>

namespace dcrf {

/// Writes all rows of the models as Django's `dumpdata` does: a JSON array of objects with `model`,
/// `pk` and `fields`, one on a line; rows come after those that they refer to, as far as models
/// don't refer to each other in a circle. All are of one state of the database. Blocks.
/// @returns how many there are
/// @throws store_failure
std::size_t dump_rows(const database_options& options, const schema& models, std::ostream& out);

/// Reads rows as Django's `loaddata` does, in one transaction: an array as `dump_rows` writes it,
/// or one object after the other (JSON lines). A row with the key of one that is there overwrites
/// it; one whose `pk` is null or missing gets a new key. Fields that are missing get their
/// defaults, and times that are set by themselves stay as they are given. Rows may refer to later
/// ones. Nobody is told of events; hooks and validators are not called. Blocks.
/// @param text as UTF-8
/// @pre the database was migrated
/// @returns how many there are
/// @throws store_failure that says what is wrong in which line; nothing was changed then
std::size_t load_rows(const database_options& options, const schema& models, std::string_view text);

} // namespace dcrf
