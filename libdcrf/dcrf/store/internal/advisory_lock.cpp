#include "dcrf/store/internal/advisory_lock.hpp"

#include "dcrf/store/internal/connection.hpp"

#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace dcrf {

namespace {

database_options for_locking(database_options options) {
  options.read_only = true;
  options.outside = outside_changes::off;
  options.feed = {};
  return options;
}

// The database forgets a process that is not reachable any more, and gives its lock to another one:
// later than that process, which waits for an answer for as long as a statement may take, notices
// it.
constexpr std::string_view settings[] = {"SET tcp_keepalives_idle = 15",
                                         "SET tcp_keepalives_interval = 5",
                                         "SET tcp_keepalives_count = 3"};

// Asked again, a session would count how often it has the lock.
constexpr std::string_view take_lock =
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks AS l WHERE l.locktype = 'advisory' "
    "AND l.granted AND l.pid = pg_backend_pid() "
    "AND CAST(l.classid AS integer) = hashtext(CAST(:p1 AS text)) "
    "AND CAST(l.objid AS integer) = hashtext(coalesce(current_schema(), ''))) THEN true "
    "ELSE pg_try_advisory_lock(hashtext(CAST(:p1 AS text)), "
    "hashtext(coalesce(current_schema(), ''))) END";

} // namespace

struct advisory_lock::state {
  database_options options;
  std::string name;
  std::mutex mutex{}; // guards what both threads use: which connection there is
  bool is_interrupted = false;
  std::optional<internal::connection> connection{};
};

advisory_lock::advisory_lock(database_options options, std::string name)
    : state_(new state{.options = for_locking(std::move(options)), .name = std::move(name)}) {}

advisory_lock::~advisory_lock() = default;

bool advisory_lock::hold() noexcept {
  auto& x = *state_;
  try {
    if (!x.connection) {
      {
        std::lock_guard lock{x.mutex};
        x.connection.emplace(x.options);
        if (x.is_interrupted) {
          x.connection->kind().interrupt();
        }
      }
      for (auto each : settings) {
        x.connection->execute(each);
      }
    }
    value name = x.name;
    bool result = false;
    x.connection->each(take_lock, {&name, 1},
                       [&result](const internal::statement& row) { result = row.integer(0) != 0; });
    return result;
  } catch (const std::exception&) {
    std::lock_guard lock{x.mutex};
    x.connection.reset();
    return false;
  }
}

void advisory_lock::interrupt() noexcept {
  std::lock_guard lock{state_->mutex};
  state_->is_interrupted = true;
  if (state_->connection) {
    state_->connection->kind().interrupt();
  }
}

} // namespace dcrf
