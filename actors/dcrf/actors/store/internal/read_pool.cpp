#include "dcrf/actors/store/internal/read_pool.hpp"

#include <pthread.h>

#include <string>
#include <utility>

namespace dcrf {

namespace {

database_options for_reading(database_options options) {
  options.read_only = true;
  return options;
}

store_result unavailable(std::string text) {
  return {.error = store_error{store_errc::unavailable, std::move(text)}};
}

} // namespace

read_pool::read_pool(database_options options, schema models, limits bounds)
    : options_(for_reading(std::move(options))), models_(std::move(models)), bounds_(bounds) {
  for (std::size_t i = 0; i < bounds.connections; ++i) {
    threads_.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), ("dcrf-read-" + std::to_string(i)).substr(0, 15).c_str());
      run();
    });
  }
}

read_pool::~read_pool() { stop(); }

void read_pool::submit(command x, completion done) {
  std::string refusal;
  {
    std::lock_guard lock{mutex_};
    if (is_stopped_) {
      refusal = "the store has stopped";
    } else if (reads_.size() >= bounds_.waiting) {
      refusal = "all connections to the database are busy, and too many reads wait for one";
    } else {
      reads_.push_back({std::move(x), std::move(done), clock::now()});
    }
  }
  if (refusal.empty()) {
    ready_.notify_one();
  } else {
    done(unavailable(std::move(refusal)));
  }
}

void read_pool::post(std::function<void()> work) {
  {
    std::lock_guard lock{mutex_};
    if (is_stopped_) {
      return;
    }
    work_.push_back(std::move(work));
  }
  ready_.notify_one();
}

void read_pool::run() {
  std::unique_ptr<database> db;
  std::unique_lock lock{mutex_};
  while (true) {
    ready_.wait(lock, [this] { return is_stopped_ || !reads_.empty() || !work_.empty(); });
    if (is_stopped_) {
      break;
    }
    if (!work_.empty()) {
      auto work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work();
    } else {
      auto next = std::move(reads_.front());
      reads_.pop_front();
      lock.unlock();
      read(db, std::move(next));
    }
    lock.lock();
  }
  std::erase(open_, db.get());
}

void read_pool::read(std::unique_ptr<database>& db, waiting_read x) {
  if (clock::now() - x.since > options_.statement_timeout) {
    x.done(unavailable("no connection to the database was free in time"));
    return;
  }
  if (!db) {
    try {
      db = std::make_unique<database>(options_, models_);
    } catch (const store_failure& failure) {
      x.done({.error = failure.error()});
      return;
    }
    std::lock_guard lock{mutex_};
    open_.push_back(db.get());
    if (is_stopped_) {
      db->interrupt();
    }
  }
  command_queue queue{*db, [](const command_queue::committed&) {}};
  queue.push(std::move(x.body), std::move(x.done));
  queue.run();
}

void read_pool::stop() {
  std::deque<waiting_read> left;
  {
    std::lock_guard lock{mutex_};
    is_stopped_ = true;
    left = std::exchange(reads_, {});
    work_.clear();
    for (auto* each : open_) {
      each->interrupt();
    }
  }
  ready_.notify_all();
  for (auto& x : left) {
    x.done(unavailable("the store has stopped"));
  }
  for (auto& x : threads_) {
    if (x.joinable()) {
      x.join();
    }
  }
}

} // namespace dcrf
