#include "dcrf/actors/internal/descriptors.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>

namespace dcrf::internal {

namespace {

// The loop of a thread has three, its connection to a SQLite database up to three.
constexpr std::size_t of_a_thread = 6;

// The store thread, the log, the links to other nodes, and what the application opens.
constexpr std::size_t of_the_rest = 64;

} // namespace

void raise_descriptor_limit(std::size_t connections, std::size_t io_threads) {
  auto needed = static_cast<rlim_t>(connections + io_threads * of_a_thread + of_the_rest);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
    return;
  }
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  auto is_raised = ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
  if (!is_raised || limit.rlim_cur < needed) {
    spdlog::warn("only {} files can be open at a time, and {} connections want {}: raise the limit "
                 "(ulimit -Hn, LimitNOFILE), or lower --max-connections",
                 limit.rlim_cur, connections, needed);
  }
}

} // namespace dcrf::internal
