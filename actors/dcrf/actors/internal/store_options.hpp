#pragma once

#include "dcrf/actors/config.hpp"
#include "dcrf/store/database.hpp"
#include "dcrf/store/schema.hpp"

#include <cstddef>

namespace dcrf::internal {

/// How the options of a program mean its database.
/// @param models those of the server; what of them somebody can subscribe to is kept in the feed
[[nodiscard]] database_options database_of(const actor_system_config& config, const schema& models);

/// Whether several nodes write to the database.
[[nodiscard]] bool is_shared_database(const actor_system_config& config);

/// Where the connections that read PostgreSQL are; one more writes.
struct reading_plan {
  std::size_t of_each_thread = 0;
  std::size_t of_pool = 0;
};
[[nodiscard]] reading_plan reading_connections(const actor_system_config& config);

} // namespace dcrf::internal
