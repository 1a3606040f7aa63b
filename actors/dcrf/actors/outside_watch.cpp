#include "dcrf/actors/outside_watch.hpp"

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

} // namespace

outside_watch::outside_watch(database& db, announcement announce)
    : database_(db),
      announce_(std::move(announce)),
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

void outside_watch::look() {
  is_awake_ = false;
  read();
  announce_up_to(std::numeric_limits<std::uint64_t>::max());
  prune();
}

void outside_watch::look_before_own() {
  auto own = database_.version();
  if (std::exchange(seen_version_, own) != own) {
    read();
    announce_up_to(own);
  }
}

// What can't be read now is found the next time.
void outside_watch::read() {
  try {
    auto batch = feed_.take();
    std::ranges::move(batch.changes, std::back_inserter(found_));
    for (const auto& problem : batch.problems) {
      spdlog::error("a change of another program: {}", problem);
    }
  } catch (const store_failure& failure) {
    spdlog::warn("changes of other programs can't be read now: {}", failure.what());
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
    // Whoever joined a group after the change, but before it was found, is told of it, too: the
    // versions that members join at are those of the own changes.
    x.version = 0;
  }
  if (!now.empty()) {
    announce_(now);
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
