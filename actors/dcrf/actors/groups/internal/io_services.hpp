#pragma once

#include "dcrf/actors/groups/internal/group_table.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/consumer/throttling.hpp"
#include "dcrf/protocol/request.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace dcrf {

class direct_reads;
class group_directory;
class pipelined_reads;
class repository_source;
class worker_pool;

/// What the sessions of one I/O thread share. Each thread has one; what is a reference to
/// anything but the thread is common to all.
struct io_services {
  io_thread& thread;
  group_directory& directory;
  repository_source& store;
  /// Threads for work that blocks or computes for long.
  worker_pool& workers;
  throttle_history& throttling;
  group_table groups;
  /// Reads of a database file on this thread; null if others do them.
  std::shared_ptr<direct_reads> reads;
  /// Reads of PostgreSQL beside the store thread; null if that does them all.
  std::shared_ptr<pipelined_reads> pipeline;
  /// Whether a write may start before the one before it is answered.
  bool is_pipelining = true;
  /// Whether each request of a session leaves a line in the log.
  bool logs_requests = false;
  frame_reader reader{};

  /// Calls `ready`, on any thread, when each message to a group that is published from then on
  /// comes here, and none that was to be published before: to have one more member in it. Tells
  /// other nodes of it, if there are any.
  void hold(const group_name& x, std::function<void()> ready) const;
  /// Takes back one `hold`, whether or not it was ready.
  void release(const group_name& x) const;
  /// Whether `hold` would be ready at once.
  [[nodiscard]] bool holds_at_once(const group_name& x) const;
};

} // namespace dcrf
