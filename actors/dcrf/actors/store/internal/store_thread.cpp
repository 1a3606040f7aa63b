#include "dcrf/actors/store/internal/store_thread.hpp"

#include "dcrf/actors/store/internal/announcements.hpp"
#include "dcrf/actors/store/internal/feed_keeper.hpp"
#include "dcrf/actors/store/internal/list_keeper.hpp"
#include "dcrf/actors/store/internal/model_repository.hpp"
#include "dcrf/actors/store/internal/quiet_work.hpp"
#include "dcrf/actors/store/internal/store_health.hpp"

#include <caf/exit_reason.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

namespace dcrf {

namespace {

// How long a stop waits for what the database still has to do.
constexpr std::chrono::seconds last_wait{1};

} // namespace

// What uses the database, while it is open.
struct store_thread::state {
  state(const database_options& options, const schema& models, command_queue::limits bounds)
      : db(options, models),
        queue(
            db, [this](command_queue::committed done) { announcing->add(std::move(done)); },
            bounds),
        quiet(queue),
        health(options, models, queue, quiet) {}

  /// The tables are as they are to be.
  void open(io_thread& thread, channel_layer& channels,
            std::function<void(const model_descriptor*)> on_gap, std::size_t resume_limit) {
    lists.emplace(db, channels, [this] { list_keeping->read_later(); });
    announcing.emplace(internal::announcements::surroundings{thread, db, queue, channels,
                                                             lists.value(), std::move(on_gap)});
    feed.emplace(internal::feed_keeper::surroundings{thread, db, quiet, *announcing}, resume_limit);
    list_keeping.emplace(
        internal::list_keeper::surroundings{thread, quiet, *announcing, lists.value()});
  }

  database db;
  command_queue queue;
  internal::quiet_work quiet;
  internal::store_health health;
  std::optional<live_lists> lists;
  std::optional<internal::announcements> announcing;
  std::optional<internal::feed_keeper> feed;
  std::optional<internal::list_keeper> list_keeping;
};

store_thread::store_thread(caf::actor_system& system, database_options options, schema models,
                           channel_layer& channels, command_queue::limits bounds)
    : options_(std::move(options)),
      models_(std::move(models)),
      channels_(&channels),
      bounds_(bounds),
      thread_(system, 0, "store") {}

store_thread::~store_thread() { stop(); }

// -- start and stop -------------------------------------------------------------------------------

std::vector<std::string> store_thread::start(const std::vector<migration>& migrations,
                                             migration_mode mode) {
  // Another connection to memory would be another database. What is there is new, so it has no
  // history.
  auto is_in_memory = options_.url == "sqlite://:memory:";
  auto steps =
      is_in_memory ? std::vector<std::string>{} : migrate(options_, models_, migrations, mode);
  auto fresh = std::make_unique<state>(options_, models_, bounds_);
  if (is_in_memory) {
    steps = fresh->db.migrate();
  } else {
    fresh->db.open_feed();
  }
  if (options_.report) {
    std::ranges::for_each(fresh->db.find_unreadable(), options_.report);
  }
  fresh->open(thread_, *channels_, on_gap_, resume_limit_);
  fresh->health.on_pushed([this] { run_later(); });
  state_ = std::move(fresh);
  std::ranges::for_each(models_.models(), [this](const auto* model) { spawn_repository(*model); });
  thread_.start();
  thread_.post([this] { state_->feed->start(); });
  state_->announcing->start();
  return steps;
}

void store_thread::spawn_repository(const model_descriptor& model) {
  auto actor = spawn_pinned<internal::model_repository>(
      thread_, [this](command&& x, auto done) { execute(std::move(x), std::move(done)); },
      [this](std::uint64_t transaction) { abandon(transaction); });
  actor->attach_functor([name = std::string{model.name}](const caf::error& reason) {
    if (reason == caf::exit_reason::kill) {
      spdlog::critical("the repository of {} was killed: what is asked of it fails", name);
    }
  });
  repositories_.push_back(caf::actor_cast<repository_actor>(actor));
}

void store_thread::stop() {
  if (!state_) {
    return;
  }
  end_repositories();
  std::promise<void> closed;
  thread_.post([this, &closed] {
    state_->announcing->close();
    closed.set_value();
  });
  closed.get_future().wait();
  repositories_.clear();
  thread_.stop();
  state_.reset();
}

// The repositories end when they have handled what is in their mailboxes, and what they have put
// into the queue is done then.
void store_thread::end_repositories() {
  auto left = std::make_shared<std::atomic<std::size_t>>(repositories_.size() + 1);
  auto finished = std::make_shared<std::promise<void>>();
  auto finish_last = [this, left, finished] {
    if (--*left == 0) {
      thread_.post([this, finished] {
        finish();
        finished->set_value();
      });
    }
  };
  for (const auto& actor : repositories_) {
    actor->attach_functor(finish_last);
    internal::model_repository::end(actor);
  }
  finish_last();
  auto done = finished->get_future();
  // A database that does not answer is not waited for.
  if (done.wait_for(last_wait) == std::future_status::timeout) {
    state_->db.interrupt();
    state_->announcing->interrupt();
    done.wait();
  }
}

// Whoever waits behind an open transaction is answered too.
void store_thread::finish() {
  state_->queue.run();
  while (state_->queue.deadline()) {
    state_->queue.expire(command_queue::clock::time_point::max());
  }
  if (!state_->announcing->flush()) {
    spdlog::warn("the last changes could not be announced without the database");
  }
  deadline_.cancel();
  state_->announcing->stop();
  state_->feed->stop();
  state_->list_keeping->stop();
}

// -- commands -------------------------------------------------------------------------------------

const repository_actor& store_thread::repository(const model_descriptor& model) const {
  auto found = std::ranges::find(models_.models(), &model);
  if (found == models_.models().end() || repositories_.empty()) {
    throw std::out_of_range("no database is open that has the model " + std::string{model.name});
  }
  return repositories_[static_cast<std::size_t>(found - models_.models().begin())];
}

void store_thread::execute(command&& x, command_queue::completion done) {
  if (is_silent(x)) {
    state_->list_keeping->changes_unseen();
  }
  state_->queue.push(std::move(x), std::move(done));
  run_later();
}

void store_thread::abandon(std::uint64_t transaction) {
  state_->queue.abandon(transaction);
  run_later();
}

// Commands that have arrived meanwhile are queued before the run, and share its commit.
void store_thread::run_later() {
  if (!is_run_scheduled_) {
    is_run_scheduled_ = true;
    thread_.post([this] {
      is_run_scheduled_ = false;
      run();
    });
  }
}

void store_thread::run() {
  state_->queue.run();
  state_->list_keeping->resume();
  state_->quiet.resume();
  watch_deadline();
  state_->announcing->resume();
}

void store_thread::watch_deadline() {
  auto deadline = state_->queue.deadline();
  if (!deadline || deadline_.is_pending()) {
    return;
  }
  deadline_ = thread_.after(*deadline - command_queue::clock::now(), [this] {
    state_->queue.expire(command_queue::clock::now());
    run();
  });
}

std::uint64_t store_thread::version() const noexcept { return state_->db.version(); }

std::uint64_t store_thread::commits() const noexcept { return state_->db.commits(); }

bool store_thread::has_failed() const noexcept { return state_->health.has_failed(); }

void store_thread::try_again(std::function<void(bool)> done) {
  thread_.post([this, done = std::move(done)] { state_->health.try_again(done); });
}

// -- what was committed ---------------------------------------------------------------------------

std::string store_thread::shared_name() const { return state_->announcing->shared_name(); }

void store_thread::catch_up(std::function<void()> done) {
  if (finds_changes()) {
    state_->announcing->catch_up(std::move(done));
  } else {
    done();
  }
}

feed_position_ptr store_thread::position() const { return state_->db.position(); }

void store_thread::follow(replay_question x, std::function<void(replay_ptr)> done) {
  if (position()) {
    state_->feed->follow(std::move(x), std::move(done));
  } else {
    done(nullptr);
  }
}

void store_thread::watch(list_question x, std::function<void(list_state_ptr)> done) {
  state_->list_keeping->watch(std::move(x), std::move(done));
}

std::size_t store_thread::lists() const noexcept {
  return state_ ? state_->list_keeping->size() : 0;
}

void store_thread::tell_positions(std::function<void()> done) {
  thread_.post([this, done = std::move(done)] {
    state_->list_keeping->read_all();
    state_->announcing->tell_all_positions();
    done();
  });
}

void store_thread::ask_feed(bool prune, std::function<void(std::optional<feed::extent>)> done) {
  state_->feed->ask(prune, std::move(done));
}

} // namespace dcrf
