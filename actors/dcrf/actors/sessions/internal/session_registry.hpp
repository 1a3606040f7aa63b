#pragma once

#include "dcrf/actors/messages.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace dcrf {

/// The sessions that run, so that a server can list them and wait for their end. Safe to use from
/// any thread.
class session_registry {
public:
  void add(const session_actor& x);
  /// An actor of an HTTP request: counted, not listed.
  void add(const caf::actor& x);
  void remove(caf::actor_id id);

  /// The number of all actors that run.
  [[nodiscard]] std::size_t size() const;
  /// The number of sessions among them.
  [[nodiscard]] std::size_t session_count() const;
  [[nodiscard]] std::vector<session_actor> sessions() const;
  /// The session with an id; null if there is none.
  [[nodiscard]] session_actor find(caf::actor_id id) const;

  /// Waits until no actor is left.
  /// @returns whether that was so in time
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

  /// Ends all actors at once, their hooks left out.
  void kill_all() const;

private:
  [[nodiscard]] std::size_t count() const noexcept { return sessions_.size() + others_.size(); }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::unordered_map<caf::actor_id, session_actor> sessions_;
  std::unordered_map<caf::actor_id, caf::actor> others_;
};

} // namespace dcrf
