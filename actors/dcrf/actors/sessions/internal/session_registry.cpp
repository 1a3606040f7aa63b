#include "dcrf/actors/sessions/internal/session_registry.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

namespace dcrf {

void session_registry::add(const session_actor& x) {
  std::lock_guard lock{mutex_};
  sessions_.emplace(x.id(), x);
}

void session_registry::add(const caf::actor& x) {
  std::lock_guard lock{mutex_};
  others_.emplace(x.id(), x);
}

void session_registry::remove(caf::actor_id id) {
  // They let go of the actor after the lock.
  decltype(sessions_)::node_type session;
  decltype(others_)::node_type other;
  std::lock_guard lock{mutex_};
  session = sessions_.extract(id);
  other = others_.extract(id);
  if (count() == 0) {
    changed_.notify_all();
  }
}

std::size_t session_registry::size() const {
  std::lock_guard lock{mutex_};
  return count();
}

std::size_t session_registry::session_count() const {
  std::lock_guard lock{mutex_};
  return sessions_.size();
}

std::vector<session_actor> session_registry::sessions() const {
  std::vector<session_actor> result;
  std::lock_guard lock{mutex_};
  for (const auto& [id, x] : sessions_) {
    result.push_back(x);
  }
  return result;
}

session_actor session_registry::find(caf::actor_id id) const {
  std::lock_guard lock{mutex_};
  auto found = sessions_.find(id);
  return found == sessions_.end() ? session_actor{} : found->second;
}

bool session_registry::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_until(lock, deadline, [this] { return count() == 0; });
}

void session_registry::kill_all() const {
  std::lock_guard lock{mutex_};
  for (const auto& [id, x] : sessions_) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
  }
  for (const auto& [id, x] : others_) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
  }
}

} // namespace dcrf
