#pragma once

#include "dcrf/consumer/action.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/session/internal/live_request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string_view>

namespace dcrf {

/// A coroutine that runs for a consumer.
struct coroutine_run {
  enum class purpose : std::uint8_t { connect, action, event, background, drain, leave };

  purpose kind = purpose::action;
  /// Whether others need not wait for it.
  bool is_detached = false;
  /// Whether it only waits for the answer to its last command.
  bool awaits_commit = false;
  dcrf::activity activity{};
  std::unique_ptr<request> req{};
  /// What the request asks for by its member `live`; null if nothing.
  std::unique_ptr<live_request> live{};
  action_call call{};
  /// When it was started; that of no time if nobody wants to know.
  std::chrono::steady_clock::time_point started{};
  /// What a detached one holds.
  session_budget::background_run held{};
};

/// The coroutines that run for one consumer: owns them, and knows which have ended, without looking
/// at the others. At most one of those that are not detached is busy; those before it await their
/// commit. Replies keep the order of the requests.
class runs {
public:
  /// @param context outlives the runs
  explicit runs(session_context& context) : context_(&context) {}
  runs(const runs&) = delete;
  runs& operator=(const runs&) = delete;
  ~runs() { clear(); }

  /// Whether an action, handler or hook runs that does not await its commit.
  [[nodiscard]] bool is_busy() const noexcept { return is_busy_; }
  /// Whether nothing runs but what is detached.
  [[nodiscard]] bool is_idle() const noexcept { return ordered_.empty(); }

  /// How many actions await their commit, and the bytes of the frames that they came in.
  [[nodiscard]] std::size_t awaiting_commit() const noexcept { return awaiting_commit_; }
  [[nodiscard]] std::size_t awaiting_bytes() const noexcept { return awaiting_bytes_; }

  void start(coroutine_run x);

  /// The run of an activity; null if it is none of these.
  [[nodiscard]] coroutine_run* find(const activity* x) noexcept;

  /// The coroutine of an activity was resumed, and may have ended.
  void resumed(const activity* x);

  /// Takes one that has ended, and whose turn it is to be answered: a list of one, or of none.
  [[nodiscard]] std::list<coroutine_run> take_ended();

  /// The run of the activity awaits its last command, if it is one of those that may.
  void awaits_commit(const activity* x);

  /// Ends the detached runs of an action.
  void cancel(std::string_view action);
  /// Ends the detached runs.
  void end_detached();
  /// Ends all.
  void clear();

private:
  // Each in a list of its own, from which it is taken without a move.
  using detached_runs = std::map<const activity*, std::list<coroutine_run>>;

  void start_coroutine(coroutine_run& x);
  void abandon(const coroutine_run& x);
  detached_runs::iterator end(detached_runs::iterator x);

  session_context* context_;
  bool is_busy_ = false;
  std::size_t awaiting_commit_ = 0;
  std::size_t awaiting_bytes_ = 0;
  // In the order of their starts.
  std::list<coroutine_run> ordered_;
  detached_runs detached_;
  // Those of the detached ones that have ended, and may have been cancelled since.
  std::list<const activity*> ended_;
};

} // namespace dcrf
