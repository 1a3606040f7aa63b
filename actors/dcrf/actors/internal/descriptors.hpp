#pragma once

#include <cstddef>

namespace dcrf::internal {

/// Raises the process's soft limit of file descriptors to what so many connections and threads
/// need, as far as the hard limit lets it; what can't be had is a warning in the log.
void raise_descriptor_limit(std::size_t connections, std::size_t io_threads);

} // namespace dcrf::internal
