#include "dcrf/actors/store/internal/announcements.hpp"

#include "dcrf/actors/sessions/internal/actor_context.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <limits>
#include <utility>

namespace dcrf::internal {

namespace {

// How soon it is tried again to announce what waits for the database.
constexpr std::chrono::milliseconds announcement_delay{200};

} // namespace

announcements::announcements(surroundings x) : with_(std::move(x)) {
  auto& db = with_.db;
  if ((newest_ = db.position())) {
    last_told_ = newest_->order;
  }
  if (db.options().outside != outside_changes::off) {
    outside_ = std::make_unique<outside_watch>(
        db, outside_watch::sink{.announce = [this](auto changes) { append(std::move(changes)); },
                                .lost =
                                    [this] {
                                      with_.lists.lose();
                                      with_.on_gap(nullptr);
                                    }});
  }
  announcing_.emplace(outside_ ? outside_->reading() : db, with_.channels);
  db.load_with_changes([this](const change& y) { return announcing_->plans_of(y); },
                       [this](const change& y) { return announcing_->group_plans_of(y); });
}

void announcements::start() {
  if (outside_) {
    outside_->start([this] { look_later(); });
  }
}

void announcements::look_later() {
  with_.thread.post([this] { look_outside(); });
}

// -- the order ------------------------------------------------------------------------------------

void announcements::add(command_queue::committed done) {
  committed_.push_back({.position = std::move(done.position)});
  for (auto& changes : done.changes) {
    std::ranges::move(changes, std::back_inserter(committed_.back().changes));
  }
  if (flush()) {
    tell_positions();
  }
}

void announcements::append(std::vector<change> changes) {
  if (!changes.empty()) {
    announced_.push_back({.changes = std::move(changes)});
  }
}

bool announcements::flush() {
  while (announce() && !committed_.empty()) {
    auto last = std::ranges::max(committed_.front().changes, {}, &change::version).version;
    if (outside_ && !outside_->look_before_own(last)) {
      return false;
    }
    announced_.push_back(std::move(committed_.front()));
    committed_.pop_front();
  }
  return !has_waiting();
}

// The changes are committed, whatever observers and serializers of the application do.
bool announcements::announce() {
  while (!announced_.empty()) {
    try {
      const auto& next = announced_.front();
      newest_ = next.position ? next.position : newest_;
      announcing_->announce(next.changes, next.position);
    } catch (const store_failure& failure) {
      if (failure.error().code == store_errc::unavailable) {
        return false;
      }
      detail::log_failure("announcing a change", std::current_exception());
    } catch (...) {
      detail::log_failure("announcing a change", std::current_exception());
    }
    with_.lists.note(announced_.front().changes);
    for (const auto& x : announced_.front().changes) {
      if (x.is_gap) {
        with_.on_gap(x.model);
      }
    }
    announced_.pop_front();
  }
  return true;
}

void announcements::resume() {
  retry_later();
  with_.thread.hand_over();
  if (outside_ && outside_->has_more()) {
    look_outside();
  }
}

void announcements::retry_later() {
  if (!has_waiting() || retry_.is_pending()) {
    return;
  }
  retry_ = with_.thread.after(announcement_delay, [this] {
    if (outside_) {
      // What others did meanwhile waits as well.
      look_outside();
      return;
    }
    // Without a connection of its own the announcement would read within what is open.
    if (!with_.queue.deadline()) {
      flush();
    }
    retry_later();
  });
}

// -- positions ------------------------------------------------------------------------------------

void announcements::tell_positions() {
  auto* feed = with_.db.changes();
  // Who watches a list that was not read yet must not be told to be further.
  if (feed == nullptr || !newest_ || !with_.lists.is_current() || !feed->is_time_to_tell()) {
    return;
  }
  with_.channels.publish(position_tick{.position = newest_, .older_than = last_told_});
  last_told_ = newest_->order;
}

void announcements::tell_all_positions() {
  if (newest_ && !has_waiting() && with_.lists.is_current()) {
    with_.channels.publish(position_tick{.position = newest_,
                                         .older_than = std::numeric_limits<std::uint64_t>::max()});
  }
  with_.thread.hand_over();
}

// -- what others commit ---------------------------------------------------------------------------

// Commands get their turn between two parts of much.
void announcements::look_outside() {
  if (!outside_) {
    return;
  }
  auto could_read = flush() && outside_->look();
  if (could_read) {
    flush();
  }
  retry_later();
  if (could_read && outside_->has_more()) {
    look_later();
  }
}

void announcements::catch_up(std::function<void()> done) {
  std::lock_guard lock{mutex_};
  followers_.push_back(std::move(done));
  if (followers_.size() == 1) {
    with_.thread.post([this] { answer_followers(); });
  }
}

// What others had committed when they were asked is announced then, though it may be more.
void announcements::answer_followers() {
  std::vector<std::function<void()>> followers;
  {
    std::lock_guard lock{mutex_};
    followers = std::exchange(followers_, {});
  }
  // Without the database nobody can tell.
  while (outside_ && flush() && outside_->look() && outside_->has_more()) {
  }
  flush();
  retry_later();
  // What was announced arrives before those who wait go on.
  with_.thread.hand_over();
  for (const auto& done : followers) {
    done();
  }
}

std::string announcements::shared_name() const {
  return with_.db.options().outside == outside_changes::all ? outside_->name() : std::string{};
}

// -- the end --------------------------------------------------------------------------------------

void announcements::interrupt() {
  if (outside_) {
    outside_->reading().interrupt();
  }
}

void announcements::stop() { retry_.cancel(); }

void announcements::close() {
  announced_.clear();
  committed_.clear();
  announcing_.reset();
  outside_.reset();
}

} // namespace dcrf::internal
