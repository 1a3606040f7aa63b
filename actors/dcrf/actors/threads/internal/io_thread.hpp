#pragma once

#include "dcrf/actors/threads/internal/pinned.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace boost::asio {
class io_context;
} // namespace boost::asio

namespace dcrf {

/// Owns one pending timer of an `io_thread`: it is cancelled with its handle, so what it would have
/// called may safely go away together with the handle. Used on the timer's thread only, except that
/// a handle whose timer has fired, or whose thread is gone, may be destroyed anywhere.
class timer_handle {
public:
  struct state;

  timer_handle() noexcept = default;
  explicit timer_handle(std::weak_ptr<state> timer) noexcept;
  timer_handle(timer_handle&&) noexcept = default;
  timer_handle& operator=(timer_handle&& other) noexcept;
  ~timer_handle();

  /// The function will not be called any more, and is destroyed. Does nothing if it was called.
  void cancel() noexcept;

  /// Lets the timer run without its handle.
  void detach() noexcept;

  /// Whether the function is still to be called.
  [[nodiscard]] bool is_pending() const noexcept;

private:
  std::weak_ptr<state> timer_;
};

/// What is to be told when a turn of an `io_thread` ends.
class turn_listener {
public:
  virtual ~turn_listener() = default;

  /// The turn has ended. Must not throw.
  virtual void turn_ended() = 0;
};

/// A thread with an event loop of its own. It serves the sockets that were given to it and runs the
/// actors that are pinned to it.
///
/// It works in turns: it waits until something is ready, runs all that is ready then and what
/// becomes ready by that, and ends the turn. What the turn has collected leaves at its end: bytes
/// (`when_turn_ends`), and mail for actors of other threads, which are woken once for all of it.
///
/// Destroy it before its actor system and after its last pinned actor has quit: what is still
/// queued is then dropped without being run.
class io_thread final : public pinning_unit {
public:
  /// The thread does not run before `start`; what is posted until then waits.
  /// @param number Tells the threads of a process apart, in logs and in the name of the thread.
  /// @param role The rest of that name, as debuggers and `top -H` show it.
  explicit io_thread(caf::actor_system& system, std::size_t number = 0, std::string role = "io");
  ~io_thread() override;

  /// Starts the thread. Once.
  void start();

  /// Ends the loop after the handler that is running now, and joins the thread. Not to be called on
  /// the thread itself. A second call does nothing.
  void stop();

  /// Has `job` called on this thread, after all that was posted before it. From any thread. An
  /// exception that leaves the job ends the process.
  void post(std::function<void()> job);

  /// Has the listener told once, when the turn that is running now ends. On this thread only.
  void when_turn_ends(std::shared_ptr<turn_listener> x);

  /// Wakes the actors of other threads that were sent mail in this turn, before its end: for a
  /// thread that is going to block. On this thread only.
  void hand_over();

  /// Runs one turn in the caller's thread, which stands for this one: for tests, in place of
  /// `start`.
  /// @param patience How long to wait for something that is ready.
  void run_turn(std::chrono::nanoseconds patience);

  /// Calls `job` once on this thread when `delay` has passed. On this thread only.
  [[nodiscard]] timer_handle after(std::chrono::nanoseconds delay, std::function<void()> job);

  [[nodiscard]] std::size_t number() const noexcept { return number_; }

  [[nodiscard]] bool runs_here() const noexcept override;

  /// The loop itself, for code that brings sockets of its own.
  [[nodiscard]] boost::asio::io_context& context() noexcept;

protected:
  void post_resumable(job_ptr job) override;

private:
  struct loop;

  void run_loop();
  void run_ready();
  void end_turn();
  void wake_later(io_thread& target, job_ptr job);
  void run_all(std::vector<job_ptr> jobs);

  std::size_t number_;
  std::string role_;
  std::unique_ptr<loop> loop_;
  std::thread thread_;
};

} // namespace dcrf
