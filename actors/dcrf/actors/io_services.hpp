#pragma once

#include "dcrf/actors/group_table.hpp"
#include "dcrf/actors/io_thread.hpp"
#include "dcrf/consumer/request.hpp"
#include "dcrf/consumer/throttling.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace dcrf {

class direct_reads;
class group_directory;
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
  /// Null if the store thread does all reads.
  std::shared_ptr<direct_reads> reads;
  /// Whether a write may start before the one before it is answered.
  bool is_pipelining = true;
  frame_reader reader{};
};

} // namespace dcrf
