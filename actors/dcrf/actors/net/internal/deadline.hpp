#pragma once

#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace dcrf::internal {

class deadline;

/// The deadlines of the connections of one thread. Only a few different delays are in use, and
/// those of one delay are due in the order in which they were set: a list and a timer for each
/// delay take less than a timer for each connection.
class deadlines {
public:
  explicit deadlines(io_thread& thread);
  deadlines(const deadlines&) = delete;
  deadlines& operator=(const deadlines&) = delete;
  ~deadlines();

private:
  friend class deadline;

  using clock = std::chrono::steady_clock;

  struct queue;

  void set(deadline& x, std::chrono::nanoseconds delay);
  void watch(queue& x);
  void expire(queue& x);

  io_thread& thread_;
  std::map<std::chrono::nanoseconds, std::unique_ptr<queue>> queues_;
};

/// The one deadline of a connection. It is cancelled with its destruction. Used on its thread only.
class deadline : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  /// @param among outlives this one
  explicit deadline(deadlines& among) : among_(among) {}

  /// Has `due` called after `delay`; this replaces what it was set to. The call may destroy the
  /// deadline.
  void set(std::chrono::nanoseconds delay, std::function<void()> due) {
    clear();
    due_ = std::move(due);
    among_.set(*this, delay);
  }

  void clear() {
    unlink();
    due_ = nullptr;
  }

private:
  friend class deadlines;

  deadlines& among_;
  deadlines::clock::time_point time_{};
  std::function<void()> due_;
};

} // namespace dcrf::internal
