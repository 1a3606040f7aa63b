#pragma once

#include "dcrf/fwd.hpp"

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace dcrf {

namespace detail {

// Resumes whoever awaits a task when the task is done.
struct resume_awaiting {
  bool await_ready() noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
    auto awaiting = done.promise().awaiting;
    return awaiting ? awaiting : std::noop_coroutine();
  }
  void await_resume() noexcept {}
};

struct task_promise_base {
  std::coroutine_handle<> awaiting;
  std::exception_ptr error;

  std::suspend_always initial_suspend() noexcept { return {}; }
  resume_awaiting final_suspend() noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }
};

template <class T>
struct task_promise : task_promise_base {
  std::optional<T> result;

  task<T> get_return_object();

  template <class Value>
    requires std::is_convertible_v<Value&&, T>
  void return_value(Value&& x) {
    result.emplace(std::forward<Value>(x));
  }

  T take() {
    if (error) {
      std::rethrow_exception(std::move(error));
    }
    return std::move(*result);
  }
};

template <>
struct task_promise<void> : task_promise_base {
  task<void> get_return_object();
  void return_void() {}
  void take() {
    if (error) {
      std::rethrow_exception(std::move(error));
    }
  }
};

} // namespace detail

/// A coroutine that computes a `T`: what actions and hooks are. It starts when it is awaited, runs
/// on the thread of its session, and ends with the task object, wherever it is suspended.
///
/// gcc 12 destroys some temporaries in `co_await` expressions twice: those of aggregates made with
/// braces, however they are passed. Give such arguments a name. The library's own functions do not
/// take them.
template <class T>
class [[nodiscard("dcrf: write co_await before it")]] task {
public:
  using promise_type = detail::task_promise<T>;
  using handle_type = std::coroutine_handle<promise_type>;

  /// A task that is done and has nothing to say.
  task()
    requires std::is_void_v<T>
  = default;

  explicit task(handle_type handle) noexcept : handle_(handle) {}

  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}

  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  ~task() {
    if (handle_) {
      handle_.destroy();
    }
  }

  /// Starts the coroutine.
  /// @pre It was not started before.
  void start() {
    if (handle_) {
      handle_.resume();
    }
  }

  [[nodiscard]] bool done() const noexcept { return !handle_ || handle_.done(); }

  /// The result, or the exception that the coroutine ended with.
  /// @pre done()
  T take() {
    if constexpr (std::is_void_v<T>) {
      if (handle_) {
        handle_.promise().take();
      }
    } else {
      return handle_.promise().take();
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return !handle_; }

  // Without symmetric transfer, so that a loop over tasks that complete at once keeps its stack.
  bool await_suspend(std::coroutine_handle<> awaiting) {
    handle_.resume();
    if (handle_.done()) {
      return false;
    }
    handle_.promise().awaiting = awaiting;
    return true;
  }

  T await_resume() { return take(); }

private:
  handle_type handle_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() {
  return task<T>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

inline task<void> task_promise<void>::get_return_object() {
  return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

} // namespace detail

} // namespace dcrf
