#include "dcrf/actors/store/internal/outside_watch.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace dcrf {

namespace {

// How soon changes are found if no notification comes, and a lost connection is made again.
constexpr std::chrono::milliseconds longest_wait{1000};
constexpr std::chrono::minutes between_prunings{5};

constexpr auto any_version = std::numeric_limits<std::uint64_t>::max();

} // namespace

outside_watch::outside_watch(database& db, sink to)
    : database_(db),
      to_(std::move(to)),
      feed_(db),
      alarm_(db.options()),
      pruned_at_(clock::now()) {}

outside_watch::~outside_watch() {
  if (listening_.joinable()) {
    alarm_.stop();
    listening_.join();
  }
}

void outside_watch::start(std::function<void()> wake) {
  wake_ = std::move(wake);
  listening_ = std::thread{[this] { listen(); }};
}

// However many notifications come, the thread of the database is woken once.
void outside_watch::listen() {
  while (alarm_.wait(longest_wait)) {
    if (!is_awake_.exchange(true)) {
      wake_();
    }
  }
}

bool outside_watch::look() {
  is_awake_ = false;
  auto could_read = read();
  announce_up_to(any_version);
  prune();
  return could_read;
}

// What was found by a reading that began before the own change had been committed before it, and so
// precedes it. Of what is found later, the versions tell.
bool outside_watch::look_before_own(std::uint64_t version) {
  while (covered_version_ < version) {
    announce_up_to(any_version);
    if (!read()) {
      return false;
    }
  }
  while (is_reading_ && (found_.empty() || found_.back().version < version)) {
    announce_up_to(version);
    if (!read()) {
      return false;
    }
  }
  announce_up_to(version);
  return true;
}

// What can't be read now is found the next time.
bool outside_watch::read() {
  auto covered = is_reading_ ? covered_version_ : database_.version();
  try {
    auto batch = feed_.take();
    is_reading_ = batch.has_more;
    covered_version_ = covered;
    if (batch.has_gap) {
      to_.lost();
    }
    std::ranges::move(batch.changes, std::back_inserter(found_));
    for (const auto& problem : batch.problems) {
      spdlog::error("a change of another program: {}", problem);
    }
    return true;
  } catch (const store_failure& failure) {
    spdlog::warn("changes of other programs can't be read now: {}", failure.what());
    return false;
  }
}

void outside_watch::announce_up_to(std::uint64_t version) {
  std::vector<change> now;
  std::vector<change> later;
  for (auto& x : found_) {
    (x.version < version ? now : later).push_back(std::move(x));
  }
  found_ = std::move(later);
  for (auto& x : now) {
    // The versions that members join at are those of the own changes.
    x.version = 0;
  }
  if (!now.empty()) {
    to_.announce(std::move(now));
  }
}

void outside_watch::prune() {
  auto now = clock::now();
  if (now - pruned_at_ < between_prunings) {
    return;
  }
  pruned_at_ = now;
  try {
    feed_.prune();
  } catch (const store_failure& failure) {
    spdlog::warn("old changes can't be deleted now: {}", failure.what());
  }
}

} // namespace dcrf
