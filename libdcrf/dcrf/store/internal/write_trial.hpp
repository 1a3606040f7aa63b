#pragma once

#include "dcrf/store/database.hpp"

namespace dcrf {

/// Writes to a database what changes nothing, over a connection of its own, to find out whether
/// writing is possible: it is not on a full disk, or while another program locks the file. Blocks.
/// @throws store_failure if it is not
void try_to_write(const database_options& options);

} // namespace dcrf
