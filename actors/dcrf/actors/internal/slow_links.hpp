#pragma once

#include "dcrf/actors/groups/internal/group_directory.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace dcrf::actors_test {

/// Other nodes, which learn of a join when the test says so.
class slow_links final : public group_links {
public:
  void hold(const group_name&, std::function<void()> ready) override {
    std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(ready));
    ++holds_;
  }
  void release(const group_name&) override { --holds_; }
  void forward(const group_message&, std::span<const std::size_t>) override {}

  /// How many joins were not taken back.
  [[nodiscard]] int holds() const { return holds_; }

  void confirm_all() {
    std::vector<std::function<void()>> all;
    {
      std::lock_guard lock{mutex_};
      all = std::exchange(waiting_, {});
    }
    for (const auto& ready : all) {
      ready();
    }
  }

private:
  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;
  std::atomic<int> holds_{0};
};

} // namespace dcrf::actors_test
