#include "dcrf/actors/internal/readiness.hpp"

#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::chrono::seconds validity{1};
constexpr std::chrono::seconds patience{1};

// Between two looks whether the database has answered.
constexpr std::chrono::milliseconds pause{5};

} // namespace

void readiness::open(probe_function probe) {
  std::lock_guard lock{mutex_};
  probe_ = std::move(probe);
  has_answered_ = !probe_;
  is_asking_ = false;
  asked_at_ = {};
  is_open_ = true;
}

// A question that is not answered yet is not asked again.
void readiness::ask(clock::time_point now) {
  probe_function probe;
  {
    std::lock_guard lock{mutex_};
    if (!probe_ || is_asking_ || now - asked_at_ < validity) {
      return;
    }
    is_asking_ = true;
    asked_at_ = now;
    probe = probe_;
  }
  probe([this](bool has_answered) {
    std::lock_guard lock{mutex_};
    is_asking_ = false;
    has_answered_ = has_answered;
  });
}

bool readiness::is_asking() {
  std::lock_guard lock{mutex_};
  return is_asking_;
}

task<std::string> readiness::problem(const runtime& within) {
  auto now = clock::now();
  if (is_open_) {
    ask(now);
  }
  while (is_open_ && is_asking() && clock::now() - now < patience) {
    co_await within.sleep(pause);
  }
  if (!is_open_) {
    co_return "stopping";
  }
  std::lock_guard lock{mutex_};
  co_return is_asking_ || !has_answered_ ? "the database does not answer" : "";
}

} // namespace dcrf::internal
