#include "dcrf/actors/sessions/internal/presence_follower.hpp"

#include "dcrf/store/command.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <utility>

namespace dcrf {

namespace {

// For a database that can't be reached.
constexpr std::chrono::seconds retry_delay{1};

} // namespace

presence_follower::presence_follower(io_thread& thread, presence_table& table, body_function body,
                                     run_function run)
    : thread_(&thread), table_(&table), body_(std::move(body)), run_(std::move(run)) {
  table_->watch([this](const std::string& key) { thread_->post([this, key] { changed(key); }); });
}

presence_follower::~presence_follower() { stop(); }

void presence_follower::start() {
  thread_->post([this] {
    has_started_ = true;
    run_next();
  });
}

void presence_follower::stop() {
  if (is_stopped_.exchange(true)) {
    return;
  }
  table_->watch(nullptr);
  std::promise<void> stopped;
  thread_->post([this, &stopped] {
    pause_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

void presence_follower::changed(const std::string& key) {
  waiting_.insert(key);
  run_next();
}

void presence_follower::run_next() {
  if (!has_started_ || is_running_ || is_stopped_ || waiting_.empty() || pause_.is_pending()) {
    return;
  }
  is_running_ = true;
  auto key = waiting_.extract(waiting_.begin()).value();
  run_([this, key](const runtime& within) { return body_(within, key); },
       [this, key](const std::exception_ptr& error) { done(key, error); });
}

void presence_follower::done(const std::string& key, const std::exception_ptr& error) {
  is_running_ = false;
  if (error) {
    failed(key, error);
  }
  // Not from here: a task that is done at once would be within the one before it.
  thread_->post([this] { run_next(); });
}

void presence_follower::failed(const std::string& key, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const store_failure& failure) {
    spdlog::warn("presence: {}: {}", key, failure.what());
    if (failure.error().code == store_errc::unavailable && !is_stopped_) {
      waiting_.insert(key);
      pause_ = thread_->after(retry_delay, [this] { run_next(); });
    }
  } catch (const std::exception& failure) {
    spdlog::warn("presence: {}: {}", key, failure.what());
  } catch (...) {
    spdlog::warn("presence: {}: an unknown failure", key);
  }
}

} // namespace dcrf
