#pragma once

#include "dcrf/actors/pinned.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

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

/// A thread with an event loop of its own. It serves the sockets that were given to it and runs the
/// actors that are pinned to it.
///
/// Destroy it before its actor system and after its last pinned actor has quit: what is still
/// queued is then dropped without being run.
class io_thread final : public pinning_unit {
public:
  /// The thread does not run before `start`; what is posted until then waits.
  /// @param number Tells the threads of a process apart, in logs and in the name of the thread.
  explicit io_thread(caf::actor_system& system, std::size_t number = 0);
  ~io_thread() override;

  /// Starts the thread. Once.
  void start();

  /// Ends the loop after the handler that is running now, and joins the thread. Not to be called on
  /// the thread itself. A second call does nothing.
  void stop();

  /// Has `job` called on this thread, after all that was posted before it. From any thread. An
  /// exception that leaves the job ends the process.
  void post(std::function<void()> job);

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

  std::size_t number_;
  std::unique_ptr<loop> loop_;
  std::thread thread_;
};

} // namespace dcrf
