#include "dcrf/actors/session_registry.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

namespace dcrf {

void session_registry::add(const session_actor& x) {
  std::lock_guard lock{mutex_};
  running_[x.id()] = {caf::actor_cast<caf::actor>(x), x};
  ++session_count_;
}

void session_registry::add(const caf::actor& x) {
  std::lock_guard lock{mutex_};
  running_[x.id()].handle = x;
}

void session_registry::remove(caf::actor_id id) {
  decltype(running_)::node_type ended;
  std::lock_guard lock{mutex_};
  ended = running_.extract(id);
  if (!ended.empty() && ended.mapped().session) {
    --session_count_;
  }
  if (running_.empty()) {
    changed_.notify_all();
  }
}

std::size_t session_registry::size() const {
  std::lock_guard lock{mutex_};
  return running_.size();
}

std::size_t session_registry::session_count() const {
  std::lock_guard lock{mutex_};
  return session_count_;
}

std::vector<session_actor> session_registry::sessions() const {
  std::vector<session_actor> result;
  std::lock_guard lock{mutex_};
  for (const auto& [id, x] : running_) {
    if (x.session) {
      result.push_back(x.session);
    }
  }
  return result;
}

session_actor session_registry::find(caf::actor_id id) const {
  std::lock_guard lock{mutex_};
  auto found = running_.find(id);
  return found == running_.end() ? session_actor{} : found->second.session;
}

bool session_registry::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_until(lock, deadline, [this] { return running_.empty(); });
}

void session_registry::kill_all() const {
  std::lock_guard lock{mutex_};
  for (const auto& [id, x] : running_) {
    caf::anon_send_exit(x.handle, caf::exit_reason::kill);
  }
}

} // namespace dcrf
