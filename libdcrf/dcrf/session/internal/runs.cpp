#include "dcrf/session/internal/runs.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dcrf {

void runs::start(coroutine_run x) {
  if (!x.is_detached) {
    is_busy_ = true;
    start_coroutine(ordered_.emplace_back(std::move(x)));
    return;
  }
  std::list<coroutine_run> added;
  auto& started = added.emplace_back(std::move(x));
  detached_.emplace(&started.activity, std::move(added));
  start_coroutine(started);
  resumed(&started.activity);
}

coroutine_run* runs::find(const activity* x) noexcept {
  if (auto found = detached_.find(x); found != detached_.end()) {
    return &found->second.front();
  }
  auto found = std::ranges::find(ordered_, x, [](const auto& run) { return &run.activity; });
  return found == ordered_.end() ? nullptr : &*found;
}

void runs::start_coroutine(coroutine_run& x) {
  if (x.live) {
    x.activity.notes = &x.live->notes;
  }
  auto* outer = context_->current();
  context_->current(&x.activity);
  x.call.start();
  context_->current(outer);
}

void runs::resumed(const activity* x) {
  if (auto found = detached_.find(x);
      found != detached_.end() && found->second.front().call.done()) {
    ended_.push_back(x);
  }
}

std::list<coroutine_run> runs::take_ended() {
  std::list<coroutine_run> result;
  while (!ended_.empty()) {
    auto found = detached_.find(ended_.front());
    ended_.pop_front();
    if (found != detached_.end() && found->second.front().call.done()) {
      result = std::move(found->second);
      detached_.erase(found);
      return result;
    }
  }
  if (ordered_.empty() || !ordered_.front().call.done()) {
    return result;
  }
  result.splice(result.begin(), ordered_, ordered_.begin());
  if (result.front().awaits_commit) {
    --awaiting_commit_;
    awaiting_bytes_ -= result.front().req->size();
  } else {
    is_busy_ = false;
  }
  return result;
}

void runs::awaits_commit(const activity* x) {
  // It is the newest, unless it has said so before.
  if (ordered_.empty() || &ordered_.back().activity != x || ordered_.back().awaits_commit
      || !ordered_.back().req || ordered_.back().live || x->transaction != 0) {
    return;
  }
  auto& found = ordered_.back();
  found.awaits_commit = true;
  ++awaiting_commit_;
  awaiting_bytes_ += found.req->size();
  is_busy_ = false;
}

void runs::cancel(std::string_view action) {
  for (auto it = detached_.begin(); it != detached_.end();) {
    const auto& req = it->second.front().req;
    it = req && req->action() == action ? end(it) : std::next(it);
  }
}

void runs::end_detached() {
  for (auto it = detached_.begin(); it != detached_.end();) {
    it = end(it);
  }
}

runs::detached_runs::iterator runs::end(detached_runs::iterator x) {
  abandon(x->second.front());
  return detached_.erase(x);
}

void runs::clear() {
  for (const auto& x : ordered_) {
    abandon(x);
  }
  ordered_.clear();
  is_busy_ = false;
  awaiting_commit_ = 0;
  awaiting_bytes_ = 0;
  end_detached();
}

void runs::abandon(const coroutine_run& x) {
  if (x.activity.transaction != 0) {
    context_->abandon(x.activity.transaction);
  }
}

} // namespace dcrf
