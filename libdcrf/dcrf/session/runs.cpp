#include "dcrf/session/runs.hpp"

#include <iterator>
#include <utility>

namespace dcrf {

void runs::start(run x) {
  if (!x.is_detached) {
    is_busy_ = true;
    start_coroutine(ordered_.emplace_back(std::move(x)));
    return;
  }
  auto added = std::make_unique<run>(std::move(x));
  auto& started = *added;
  detached_.emplace(&started.activity, std::move(added));
  start_coroutine(started);
  resumed(&started.activity);
}

void runs::start_coroutine(run& x) {
  auto* outer = context_->current();
  context_->current(&x.activity);
  x.call.start();
  context_->current(outer);
}

void runs::resumed(const activity* x) {
  if (auto found = detached_.find(x); found != detached_.end() && found->second->call.done()) {
    ended_.push_back(x);
  }
}

std::optional<run> runs::take_ended() {
  while (!ended_.empty()) {
    auto found = detached_.find(ended_.front());
    ended_.pop_front();
    if (found != detached_.end() && found->second->call.done()) {
      std::optional<run> result{std::move(*found->second)};
      detached_.erase(found);
      return result;
    }
  }
  if (ordered_.empty() || !ordered_.front().call.done()) {
    return std::nullopt;
  }
  std::optional<run> result{std::move(ordered_.front())};
  ordered_.pop_front();
  if (result->awaits_commit) {
    --awaiting_commit_;
    awaiting_bytes_ -= result->req->size();
  } else {
    is_busy_ = false;
  }
  return result;
}

void runs::awaits_commit(const activity* x) {
  // It is the newest, unless it has said so before.
  if (ordered_.empty() || &ordered_.back().activity != x || ordered_.back().awaits_commit
      || !ordered_.back().req || x->transaction != 0) {
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
    const auto& req = it->second->req;
    it = req && req->action() == action ? end(it) : std::next(it);
  }
}

void runs::end_detached() {
  for (auto it = detached_.begin(); it != detached_.end();) {
    it = end(it);
  }
}

runs::detached_runs::iterator runs::end(detached_runs::iterator x) {
  abandon(*x->second);
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

void runs::abandon(const run& x) {
  if (x.activity.transaction != 0) {
    context_->abandon(x.activity.transaction);
  }
}

} // namespace dcrf
