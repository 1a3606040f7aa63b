#include "dcrf/store/internal/backend.hpp"

#include "dcrf/store/internal/postgresql_backend.hpp"
#include "dcrf/store/internal/sqlite_backend.hpp"

namespace dcrf::internal {

std::unique_ptr<backend> open_backend(const database_options& options) {
  if (postgresql_backend::is_url(options.url)) {
    return std::make_unique<postgresql_backend>(options);
  }
  return std::make_unique<sqlite_backend>(options);
}

} // namespace dcrf::internal
