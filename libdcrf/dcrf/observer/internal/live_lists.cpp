#include "dcrf/observer/internal/live_lists.hpp"

#include "dcrf/observer/internal/live_query.hpp"
#include "dcrf/observer/internal/live_query_index.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace dcrf {

namespace {

// Whether the database could not be asked; anything else is the query's own fault.
bool is_unavailable(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const store_failure& e) {
    return e.error().code == store_errc::unavailable;
  } catch (...) {
    return false;
  }
}

// How much of the feed is read to find out whether a list can have changed. Beyond it the list is
// sent.
constexpr int pages_of_feed = 4;

// How many queries are looked at, each time that one is added, for such as nobody watches any more.
constexpr std::size_t looks_for_unwatched = 2;

} // namespace

live_lists::live_lists(database& db, channel_layer& channels, std::function<void()> wake)
    : db_(&db),
      channels_(&channels),
      wake_(std::move(wake)),
      index_(std::make_unique<internal::live_query_index>()) {}

live_lists::~live_lists() = default;

std::size_t live_lists::size() const noexcept { return index_->size(); }

bool live_lists::is_current() const noexcept { return queued_.empty(); }

bool live_lists::is_watched(const internal::live_query& x) const {
  return !x.asking.empty() || channels_->has_members(x.group());
}

void live_lists::put_off(internal::live_query& x) {
  if (!x.is_queued) {
    x.is_queued = true;
    queued_.push_back(&x);
    wake_();
  }
}

void live_lists::ask(list_question x, completion done) {
  auto* found = index_->find(x.group);
  if (found == nullptr) {
    forget_some();
    // Only SQLite orders texts by their bytes, whatever they are.
    bool compares_texts = db_->options().url.starts_with("sqlite");
    found = &index_->add(std::make_unique<internal::live_query>(x, compares_texts, last_revision_));
  }
  found->asking.push_back({std::move(x), std::move(done)});
  put_off(*found);
}

void live_lists::forget_some() {
  for (std::size_t i = 0; i < looks_for_unwatched; ++i) {
    if (auto* x = index_->next_in_turn(); x != nullptr && !is_watched(*x)) {
      forget(*x);
    }
  }
}

void live_lists::forget(internal::live_query& x) {
  std::erase(queued_, &x);
  index_->remove(x);
}

void live_lists::note(std::span<const change> changes) {
  for (const auto& x : changes) {
    if (x.is_gap) {
      lose();
      continue;
    }
    index_->each_concerned(x, [&](internal::live_query& each) {
      if (each.is_current() && each.is_touched_by(x)) {
        each.outdate();
        put_off(each);
      }
    });
  }
}

void live_lists::lose() {
  index_->each([this](internal::live_query& x) {
    x.outdate();
    put_off(x);
  });
}

live_lists::progress live_lists::step() {
  if (queued_.empty()) {
    return progress::done;
  }
  auto& x = *queued_.front();
  queued_.pop_front();
  x.is_queued = false;
  if (!is_watched(x)) {
    forget(x);
    return is_current() ? progress::done : progress::more;
  }
  if (auto came_to = x.is_current() ? progress::done : read(x); came_to != progress::done) {
    return came_to;
  }
  answer(x);
  return is_current() ? progress::done : progress::more;
}

// Reads a list and tells the difference.
live_lists::progress live_lists::read(internal::live_query& x) {
  bool is_first = !x.was_read();
  std::shared_ptr<list_steps> steps;
  try {
    ++reads_;
    steps = x.read(*db_);
  } catch (...) {
    failure_ = std::current_exception();
    return fail(x);
  }
  if (steps && !is_first) {
    auto message = std::make_shared<group_message>();
    message->target = x.group();
    message->kind = change_kind::update;
    message->live = std::move(steps);
    channels_->publish(std::move(message));
  }
  return progress::done;
}

live_lists::progress live_lists::fail(internal::live_query& x) {
  auto failed = std::make_shared<const list_state>();
  for (auto& asker : std::exchange(x.asking, {})) {
    asker.done(failed);
  }
  if (is_unavailable(failure_)) {
    put_off(x);
    return progress::failed;
  }
  // Others' lists don't wait for it: who watches it asks again, in its own time.
  auto lost = std::make_shared<group_message>();
  lost->target = x.group();
  lost->is_loss = true;
  channels_->publish(std::move(lost));
  return progress::faulty;
}

void live_lists::answer(internal::live_query& x) {
  for (auto& asker : std::exchange(x.asking, {})) {
    list_state_ptr state;
    try {
      x.reach(db_->position());
      state = state_for(x, asker.question);
    } catch (...) {
      state = std::make_shared<const list_state>();
    }
    asker.done(std::move(state));
  }
}

list_state_ptr live_lists::state_for(internal::live_query& x, const list_question& asked) {
  auto result = x.state();
  if (!asked.since.empty()) {
    result->result = outcome_for(x, asked.since);
  }
  return result;
}

// What was not kept may have changed the list.
list_state::outcome live_lists::outcome_for(const internal::live_query& x,
                                            const std::string& since) {
  auto* feed = db_->changes();
  if (feed == nullptr) {
    return list_state::outcome::unknown;
  }
  auto models = x.others();
  models.push_back(&x.model());
  if (!std::ranges::all_of(models, [feed](const auto* model) { return feed->keeps(*model); })) {
    return list_state::outcome::changed;
  }
  feed_position at;
  switch (feed->find(since, models, at)) {
  case feed::standing::expired:
    return list_state::outcome::expired;
  case feed::standing::unknown:
    return list_state::outcome::unknown;
  case feed::standing::known:
    break;
  }
  auto until = feed->cut();
  for (int pages = 0; at.order < until->order; ++pages) {
    auto page = pages < pages_of_feed ? feed->read(at, *until) : std::nullopt;
    bool is_touched = !page || std::ranges::any_of(page->changes, [&x](const change& each) {
      return each.is_gap || x.is_touched_by(each, true);
    });
    if (is_touched) {
      return list_state::outcome::changed;
    }
    at = page->reached;
    if (!page->has_more) {
      break;
    }
  }
  return list_state::outcome::resumed;
}

} // namespace dcrf
