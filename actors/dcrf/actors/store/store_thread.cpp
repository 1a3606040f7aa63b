#include "dcrf/actors/store/store_thread.hpp"

#include "dcrf/actors/sessions/actor_context.hpp"
#include "dcrf/actors/store/outside_watch.hpp"
#include "dcrf/actors/threads/pinned.hpp"
#include "dcrf/observer/announcer.hpp"
#include "dcrf/observer/replayer.hpp"
#include "dcrf/store/snapshot_reader.hpp"
#include "dcrf/store/write_trial.hpp"

#include <caf/actor_addr.hpp>
#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <variant>

namespace dcrf {

namespace {

using end_atom = caf::atom_constant<caf::atom("end")>;

// How long a stop waits for what the database still has to do.
constexpr std::chrono::seconds last_wait{1};

// How soon it is tried again to announce what waits for the database.
constexpr std::chrono::milliseconds announcement_delay{200};

// How often it is looked for what the feed is to forget. While there are writes, they see to that.
constexpr std::chrono::milliseconds pruning_interval{10'000};
constexpr std::chrono::milliseconds shortest_interval{50};

bool can_write(const database_options& options) {
  try {
    try_to_write(options);
    return true;
  } catch (const store_failure&) {
    return false;
  }
}

} // namespace

// -- a repository ---------------------------------------------------------------------------------

/// The actor that executes the commands on the rows of one model.
class repository_impl final : public pinned_actor {
public:
  using signatures = repository_actor::signatures;

  using execute_function = std::function<void(command&&, command_queue::completion)>;
  using abandon_function = std::function<void(std::uint64_t)>;

  repository_impl(caf::actor_config& config, pinning_unit& unit, execute_function execute,
                  abandon_function abandon)
      : pinned_actor(config, unit), execute_(std::move(execute)), abandon_(std::move(abandon)) {}

  caf::behavior make_behavior() override {
    set_down_handler([this](const caf::down_msg& x) {
      if (x.source == opener_) {
        abandon_(opened_);
      }
    });
    // All sessions depend on it, so it ends with the store thread only.
    set_exit_handler([](const caf::exit_msg&) {
      spdlog::warn("a repository was sent an exit message; it ends with the server only");
    });
    return {
        [this](command& x) {
          caf::actor_addr opener;
          if (std::holds_alternative<begin_command>(x.body) && x.transaction == 0) {
            opener = caf::actor_cast<caf::actor_addr>(current_sender());
          }
          auto promise = make_response_promise<store_result>(); // takes the sender
          execute_(std::move(x), [this, promise, opener](store_result result) mutable {
            if (opener && !result.error) {
              note_open(opener, result.transaction);
            }
            promise.deliver(std::move(result));
          });
          return promise;
        },
        [this](const abandon_transaction& x) { abandon_(x.transaction); },
        [this](end_atom) { quit(); },
    };
  }

  const char* name() const override { return "dcrf.repository"; }

private:
  // The store has one open transaction at a time, and whoever opened it may be gone already.
  void note_open(const caf::actor_addr& opener, std::uint64_t transaction) {
    if (opener_) {
      demonitor(opener_);
    }
    opener_ = opener;
    opened_ = transaction;
    // CAF tells nothing of an actor whose last reference is gone.
    if (auto living = caf::actor_cast<caf::strong_actor_ptr>(opener_)) {
      monitor(living);
    } else {
      abandon_(opened_);
    }
  }

  execute_function execute_;
  abandon_function abandon_;
  caf::actor_addr opener_;
  std::uint64_t opened_ = 0;
};

// -- the thread -----------------------------------------------------------------------------------

// Changes are announced in the order of their commits. One that can't be now, because the database
// is gone and something has to be read for it, holds up those after it; there are few, because
// nothing is committed meanwhile.
struct store_thread::state {
  state(const database_options& options, const schema& models, channel_layer& channels,
        command_queue::limits bounds, std::function<void()> on_gap, std::size_t resume_limit)
      : db(options, models),
        queue(
            db, [this](command_queue::committed done) { announce_own(std::move(done)); }, bounds),
        channels(channels),
        on_gap(std::move(on_gap)) {
    if (db.changes() != nullptr) {
      replaying.emplace(db, resume_limit);
    }
  }

  void watch_outside() {
    if (db.options().outside != outside_changes::off) {
      outside = std::make_unique<outside_watch>(
          db, outside_watch::sink{.announce = [this](auto changes) { append(std::move(changes)); },
                                  .lost = on_gap});
    }
    announcing.emplace(outside ? outside->reading() : db, channels);
    db.load_with_changes([this](const change& x) { return announcing->plans_of(x); },
                         [this](const change& x) { return announcing->group_plans_of(x); });
  }

  void announce_own(command_queue::committed done) {
    committed.push_back({.position = std::move(done.position)});
    for (auto& changes : done.changes) {
      std::ranges::move(changes, std::back_inserter(committed.back().changes));
    }
    if (flush()) {
      tell_positions();
    }
  }

  // Those who were not told of anything for long.
  void tell_positions() {
    if (db.changes() == nullptr || !newest || !db.changes()->is_time_to_tell()) {
      return;
    }
    channels.publish(position_tick{.position = newest, .older_than = last_told});
    last_told = newest->order;
  }

  void append(std::vector<change> changes) {
    if (!changes.empty()) {
      announced.push_back({.changes = std::move(changes)});
    }
  }

  [[nodiscard]] bool has_waiting() const noexcept {
    return !committed.empty() || !announced.empty();
  }

  // Announces what can be; returns whether that is all.
  bool flush() {
    while (announce() && !committed.empty()) {
      auto last = std::ranges::max(committed.front().changes, {}, &change::version).version;
      if (outside && !outside->look_before_own(last)) {
        return false;
      }
      announced.push_back(std::move(committed.front()));
      committed.pop_front();
    }
    return !has_waiting();
  }

  // The changes are committed, whatever observers and serializers of the application do.
  bool announce() {
    while (!announced.empty()) {
      try {
        const auto& next = announced.front();
        newest = next.position ? next.position : newest;
        announcing->announce(next.changes, next.position);
      } catch (const store_failure& failure) {
        if (failure.error().code == store_errc::unavailable) {
          return false;
        }
        detail::log_failure("announcing a change", std::current_exception());
      } catch (...) {
        detail::log_failure("announcing a change", std::current_exception());
      }
      announced.pop_front();
    }
    return true;
  }

  database db;
  command_queue queue;
  channel_layer& channels;
  std::function<void()> on_gap;
  std::unique_ptr<outside_watch> outside;
  std::optional<announcer> announcing;
  std::optional<replayer> replaying;

  // What was committed together.
  struct commit {
    std::vector<change> changes{};
    feed_position_ptr position{};
  };

  // Own changes that may come after others' which are not known yet.
  std::deque<commit> committed;
  // Changes in the order in which they are announced.
  std::deque<commit> announced;
  // The position of what was announced last, and that which all were told of that had not been
  // told of anything since the one before.
  feed_position_ptr newest;
  std::uint64_t last_told = 0;
};

store_thread::store_thread(caf::actor_system& system, database_options options, schema models,
                           channel_layer& channels, command_queue::limits bounds)
    : options_(std::move(options)),
      models_(std::move(models)),
      channels_(&channels),
      bounds_(bounds),
      thread_(system, 0, "store") {}

store_thread::~store_thread() { stop(); }

std::vector<std::string> store_thread::start(const std::vector<migration>& migrations,
                                             migration_mode mode) {
  // Another connection to memory would be another database. What is there is new, so it has no
  // history.
  auto is_in_memory = options_.url == "sqlite://:memory:";
  auto steps =
      is_in_memory ? std::vector<std::string>{} : migrate(options_, models_, migrations, mode);
  auto fresh =
      std::make_unique<state>(options_, models_, *channels_, bounds_, on_gap_, resume_limit_);
  if (is_in_memory) {
    steps = fresh->db.migrate();
  } else {
    fresh->db.open_feed();
  }
  if ((fresh->newest = fresh->db.position())) {
    fresh->last_told = fresh->newest->order;
  }
  if (options_.report) {
    std::ranges::for_each(fresh->db.find_unreadable(), options_.report);
  }
  fresh->watch_outside();
  fresh->queue.on_unavailable([this](const command& x) { note_failure(x); });
  state_ = std::move(fresh);
  for (const auto* model : models_.models()) {
    auto actor = spawn_pinned<repository_impl>(
        thread_, [this](command&& x, auto done) { execute(std::move(x), std::move(done)); },
        [this](std::uint64_t transaction) { abandon(transaction); });
    actor->attach_functor([name = std::string{model->name}](const caf::error& reason) {
      if (reason == caf::exit_reason::kill) {
        spdlog::critical("the repository of {} was killed: what is asked of it fails", name);
      }
    });
    repositories_.push_back(caf::actor_cast<repository_actor>(actor));
  }
  thread_.start();
  if (state_->db.changes() != nullptr) {
    prune_later(between_looks());
  }
  if (state_->outside) {
    state_->outside->start([this] { thread_.post([this] { look_outside(); }); });
  }
  return steps;
}

void store_thread::stop() {
  if (!state_) {
    return;
  }
  // The repositories end when they have handled what is in their mailboxes.
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
    caf::anon_send(caf::actor_cast<caf::actor>(actor), end_atom::value);
  }
  finish_last();
  auto done = finished->get_future();
  // A database that does not answer is not waited for.
  if (done.wait_for(last_wait) == std::future_status::timeout) {
    state_->db.interrupt();
    if (state_->outside) {
      state_->outside->reading().interrupt();
    }
    done.wait();
  }
  std::promise<void> closed;
  thread_.post([this, &closed] {
    state_->announcing.reset();
    state_->outside.reset();
    closed.set_value();
  });
  closed.get_future().wait();
  repositories_.clear();
  thread_.stop();
  state_.reset();
}

const repository_actor& store_thread::repository(const model_descriptor& model) const {
  auto found = std::ranges::find(models_.models(), &model);
  if (found == models_.models().end() || repositories_.empty()) {
    throw std::out_of_range("no database is open that has the model " + std::string{model.name});
  }
  return repositories_[static_cast<std::size_t>(found - models_.models().begin())];
}

void store_thread::execute(command&& x, command_queue::completion done) {
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
  announce_later();
  if (!state_->queue.deadline()) {
    for (const auto& ask : std::exchange(asking_, {})) {
      ask();
    }
  }
  thread_.hand_over();
  watch_deadline();
  if (state_->outside && state_->outside->has_more()) {
    look_outside();
  }
}

// Commands get their turn between two parts of much.
void store_thread::look_outside() {
  if (!state_ || !state_->outside) {
    return;
  }
  auto could_read = state_->flush() && state_->outside->look();
  if (could_read) {
    state_->flush();
  }
  announce_later();
  if (could_read && state_->outside->has_more()) {
    thread_.post([this] { look_outside(); });
  }
}

void store_thread::announce_later() {
  if (!state_->has_waiting() || retry_.is_pending()) {
    return;
  }
  retry_ = thread_.after(announcement_delay, [this] {
    if (state_->outside) {
      // What others did meanwhile waits as well.
      look_outside();
      return;
    }
    // Without a connection of its own the announcement would read within what is open.
    if (!state_->queue.deadline()) {
      state_->flush();
    }
    announce_later();
  });
}

void store_thread::prune_later(std::chrono::milliseconds delay) {
  pruning_ = thread_.after(delay, [this] { prune(); });
}

// Commands get their turn between two parts of much.
void store_thread::prune() {
  bool has_more = false;
  try {
    has_more = !state_->queue.deadline() && state_->db.prune();
  } catch (const store_failure& failure) {
    spdlog::warn("the feed could not be pruned: {}", failure.what());
  }
  if (!state_->has_waiting()) {
    state_->tell_positions();
    thread_.hand_over();
  }
  prune_later(has_more ? std::chrono::milliseconds{1} : between_looks());
}

// Often enough that a position which is told late is still known.
std::chrono::milliseconds store_thread::between_looks() const {
  auto part = options_.feed.retention.time / 16;
  return std::clamp<std::chrono::milliseconds>(part, shortest_interval, pruning_interval);
}

feed_position_ptr store_thread::position() const { return state_->db.position(); }

void store_thread::follow(replay_question x, std::function<void(replay_ptr)> done) {
  if (!position()) {
    done(nullptr);
    return;
  }
  std::lock_guard lock{mutex_};
  questions_.emplace_back(std::move(x), std::move(done));
  if (questions_.size() == 1) {
    thread_.post([this] { answer_questions(); });
  }
}

// All that have come by now are answered together. Commands get their turn between two parts of
// much, and what a transaction has written that is open must not be read.
void store_thread::answer_questions() {
  if (state_->queue.deadline()) {
    asking_.emplace_back([this] { answer_questions(); });
    return;
  }
  {
    std::lock_guard lock{mutex_};
    for (auto& [question, done] : std::exchange(questions_, {})) {
      state_->replaying->ask(std::move(question), std::move(done));
    }
  }
  if (state_->replaying->step()) {
    thread_.post([this] { answer_questions(); });
  }
}

void store_thread::tell_positions(std::function<void()> done) {
  thread_.post([this, done = std::move(done)] {
    if (state_->newest && !state_->has_waiting()) {
      channels_->publish(position_tick{.position = state_->newest,
                                       .older_than = std::numeric_limits<std::uint64_t>::max()});
    }
    thread_.hand_over();
    done();
  });
}

// Commands get their turn between two parts of much.
void store_thread::ask_feed(bool prune, std::function<void(std::optional<feed::extent>)> done) {
  auto ask = [this, prune, done] {
    bool has_more = false;
    std::optional<feed::extent> found;
    try {
      has_more = prune && state_->db.prune(true);
      found = state_->db.kept();
    } catch (const store_failure& failure) {
      spdlog::warn("the feed could not be read: {}", failure.what());
    }
    has_more ? ask_feed(prune, done) : done(std::move(found));
  };
  thread_.post([this, ask = std::move(ask)] {
    if (state_->queue.deadline()) {
      asking_.push_back(ask);
    } else {
      ask();
    }
  });
}

// A read of PostgreSQL may have taken too long, which would only be worse if it was tried again and
// again.
void store_thread::note_failure(const command& x) {
  if (is_write(x) || x.transaction != 0) {
    failed_write_ = true;
  } else if (snapshot_reader::is_possible_for(options_)) {
    failed_read_ = x;
  } else {
    return;
  }
  has_failed_ = true;
}

void store_thread::try_again(std::function<void(bool)> done) {
  thread_.post([this, done = std::move(done)] {
    if (state_->queue.deadline()) {
      asking_.push_back([this, done] { retry(done); });
    } else {
      retry(done);
    }
  });
}

// A read comes first, because it also finds out whether the file at hand is still the one that was
// opened: nothing is to be written to another one.
void store_thread::retry(const std::function<void(bool)>& done) {
  auto read = std::exchange(failed_read_, std::nullopt);
  if (!read) {
    read = command{count_command{.rows = {.model = models_.models().front()}, .exists_only = true}};
  }
  state_->queue.push(std::move(*read), [this, done](const store_result& x) {
    auto is_possible = !x.error || x.error->code != store_errc::unavailable;
    if (is_possible && failed_write_) {
      is_possible = can_write(options_);
      failed_write_ = !is_possible;
    }
    // What failed now is noted again.
    has_failed_ = failed_write_ || failed_read_;
    done(is_possible);
  });
  run_later();
}

// What others had committed when they were asked is announced then, though it may be more.
void store_thread::answer_followers() {
  std::vector<std::function<void()>> followers;
  {
    std::lock_guard lock{mutex_};
    followers = std::exchange(followers_, {});
  }
  // Without the database nobody can tell.
  while (state_ && state_->outside && state_->flush() && state_->outside->look()
         && state_->outside->has_more()) {
  }
  if (state_) {
    state_->flush();
    announce_later();
  }
  // What was announced arrives before those who wait go on.
  thread_.hand_over();
  for (const auto& done : followers) {
    done();
  }
}

void store_thread::catch_up(std::function<void()> done) {
  if (!finds_changes()) {
    done();
    return;
  }
  std::lock_guard lock{mutex_};
  followers_.push_back(std::move(done));
  if (followers_.size() == 1) {
    thread_.post([this] { answer_followers(); });
  }
}

std::string store_thread::shared_name() const {
  return options_.outside == outside_changes::all ? state_->outside->name() : std::string{};
}

// Whoever waits behind an open transaction is answered too.
void store_thread::finish() {
  state_->queue.run();
  while (state_->queue.deadline()) {
    state_->queue.expire(command_queue::clock::time_point::max());
  }
  if (!state_->flush()) {
    spdlog::warn("the last changes could not be announced without the database");
  }
  deadline_.cancel();
  retry_.cancel();
  pruning_.cancel();
}

std::uint64_t store_thread::version() const noexcept { return state_->db.version(); }

std::uint64_t store_thread::commits() const noexcept { return state_->db.commits(); }

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

} // namespace dcrf
