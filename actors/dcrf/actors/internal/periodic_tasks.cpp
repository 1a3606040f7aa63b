#include "dcrf/actors/internal/periodic_tasks.hpp"

#include "dcrf/store/internal/advisory_lock.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <future>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::chrono::seconds between_looks{1};

// Whoever takes over waits until the one before has noticed that it is not its turn any more.
constexpr std::chrono::seconds after_others{5};

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& failure) {
    return failure.what();
  } catch (...) {
    return "an unknown failure";
  }
}

} // namespace

periodic_tasks::periodic_tasks(io_thread& thread, const std::vector<periodic_task>& tasks,
                               run_function run)
    : thread_(thread), run_(std::move(run)) {
  for (const auto& x : tasks) {
    entries_.push_back({.number = entries_.size() + 1, .task = x});
  }
}

periodic_tasks::~periodic_tasks() { stop(); }

void periodic_tasks::start(const database_options& options, const std::string& cluster) {
  if (!options.url.starts_with("postgres")) {
    thread_.post([this] { begin_all({}); });
    return;
  }
  lock_ = std::make_unique<advisory_lock>(options, "dcrf.every." + cluster);
  watching_ = std::thread{[this] {
    pthread_setname_np(pthread_self(), "dcrf-every");
    watch_lock();
  }};
}

void periodic_tasks::stop() {
  {
    std::lock_guard guard{mutex_};
    if (std::exchange(is_stopped_, true)) {
      return;
    }
  }
  if (watching_.joinable()) {
    changed_.notify_all();
    lock_->interrupt();
    watching_.join();
  }
  std::promise<void> cancelled;
  thread_.post([this, &cancelled] {
    is_ours_ = false;
    for (auto& x : entries_) {
      x.timer.cancel();
    }
    cancelled.set_value();
  });
  cancelled.get_future().wait();
}

void periodic_tasks::watch_lock() {
  bool had_it = false;
  std::unique_lock guard{mutex_};
  while (!is_stopped_) {
    guard.unlock();
    bool has_it = lock_->hold();
    if (has_it != std::exchange(had_it, has_it)) {
      thread_.post([this, has_it] { has_it ? begin_all(after_others) : end_all(); });
    }
    guard.lock();
    changed_.wait_for(guard, between_looks, [this] { return is_stopped_; });
  }
}

void periodic_tasks::begin_all(std::chrono::nanoseconds at_least) {
  is_ours_ = true;
  for (auto& x : entries_) {
    run_at(x, clock::now() + std::max(x.task.period, at_least));
  }
}

// It is another node's turn now.
void periodic_tasks::end_all() {
  is_ours_ = false;
  for (auto& x : entries_) {
    x.timer.cancel();
    if (x.runner) {
      caf::anon_send_exit(x.runner, caf::exit_reason::kill);
    }
  }
}

void periodic_tasks::run_at(entry& x, clock::time_point when) {
  auto delay = std::max(when - clock::now(), clock::duration{});
  x.timer = thread_.after(delay, [this, &x] { run(x); });
}

void periodic_tasks::run(entry& x) {
  // One that was ended may not have noticed it yet.
  if (x.is_running) {
    run_at(x, clock::now() + x.task.period);
    return;
  }
  x.is_running = true;
  x.started = clock::now();
  auto runner = run_(x.task.body, [this, &x](const std::exception_ptr& error) { ended(x, error); });
  if (x.is_running) {
    x.runner = std::move(runner);
  }
}

void periodic_tasks::ended(entry& x, const std::exception_ptr& error) {
  x.is_running = false;
  x.runner = nullptr;
  if (error) {
    spdlog::error("periodic task {}, every {:g} s: {}", x.number,
                  std::chrono::duration<double>(x.task.period).count(), text_of(error));
  }
  if (is_ours_) {
    run_at(x, x.started + x.task.period);
  }
}

} // namespace dcrf::internal
