#include "dcrf/actors/store/internal/feed_keeper.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace dcrf::internal {

namespace {

// How often it is looked for what is to be forgotten. While there are writes, they see to that of
// the feed.
constexpr std::chrono::milliseconds pruning_interval{10'000};
constexpr std::chrono::milliseconds shortest_interval{50};

} // namespace

feed_keeper::feed_keeper(surroundings x, std::size_t resume_limit) : with_(x) {
  if (with_.db.changes() != nullptr) {
    replaying_.emplace(with_.db, resume_limit);
  }
}

void feed_keeper::start() { prune_later(between_looks()); }

// -- what is forgotten ----------------------------------------------------------------------------

void feed_keeper::prune_later(std::chrono::milliseconds delay) {
  pruning_ = with_.thread.after(delay, [this] { prune(); });
}

void feed_keeper::prune() {
  bool has_more = false;
  try {
    has_more = with_.quiet.is_quiet() && with_.db.prune();
  } catch (const store_failure& failure) {
    spdlog::warn("what is kept for some time could not be pruned: {}", failure.what());
  }
  if (!with_.announcing.has_waiting()) {
    with_.announcing.tell_positions();
    with_.thread.hand_over();
  }
  prune_later(has_more ? std::chrono::milliseconds{1} : between_looks());
}

// Often enough that a position which is told late is still known.
std::chrono::milliseconds feed_keeper::between_looks() const {
  const auto& options = with_.db.options();
  auto part = options.once.time / 16;
  if (with_.db.changes() != nullptr) {
    part = std::min(part, options.feed.retention.time / 16);
  }
  return std::clamp<std::chrono::milliseconds>(part, shortest_interval, pruning_interval);
}

// -- what is asked for ----------------------------------------------------------------------------

void feed_keeper::follow(replay_question x, std::function<void(replay_ptr)> done) {
  std::lock_guard lock{mutex_};
  questions_.emplace_back(std::move(x), std::move(done));
  if (questions_.size() == 1) {
    with_.thread.post([this] { answer_questions(); });
  }
}

// All that have come by now are answered together.
void feed_keeper::answer_questions() {
  with_.quiet.run([this] {
    {
      std::lock_guard lock{mutex_};
      for (auto& [question, done] : std::exchange(questions_, {})) {
        replaying_->ask(std::move(question), std::move(done));
      }
    }
    if (replaying_->step()) {
      with_.thread.post([this] { answer_questions(); });
    }
  });
}

void feed_keeper::ask(bool prune, extent_function done) {
  with_.thread.post([this, prune, done = std::move(done)] {
    with_.quiet.run([this, prune, done] { answer(prune, done); });
  });
}

void feed_keeper::answer(bool prune, const extent_function& done) {
  bool has_more = false;
  std::optional<feed::extent> found;
  try {
    has_more = prune && with_.db.prune(true);
    found = with_.db.kept();
  } catch (const store_failure& failure) {
    spdlog::warn("the feed could not be read: {}", failure.what());
  }
  if (has_more) {
    ask(prune, done);
  } else {
    done(std::move(found));
  }
}

} // namespace dcrf::internal
