#pragma once

#include "dcrf/actors/messages.hpp"
#include "dcrf/groups/live_list.hpp"
#include "dcrf/groups/replay.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dcrf {

/// Where sessions find the repositories of their models: in this process, or on another node. Safe
/// to use from any thread.
class repository_source {
public:
  virtual ~repository_source() = default;

  /// The repository of a model.
  /// @throws std::out_of_range if the database does not have that model, or is stopped
  [[nodiscard]] virtual const repository_actor& repository(const model_descriptor& model) const = 0;

  [[nodiscard]] virtual const std::vector<repository_actor>& repositories() const noexcept = 0;

  /// The version of the last change that is known to be committed.
  [[nodiscard]] virtual std::uint64_t version() const noexcept = 0;

  /// The newest position of its feed; null if it keeps none.
  [[nodiscard]] virtual feed_position_ptr position() const { return nullptr; }

  /// Calls `done`, on any thread, with what a live subscription has missed; with null if that can't
  /// be found.
  virtual void follow(replay_question x, std::function<void(replay_ptr)> done) {
    static_cast<void>(x);
    done(nullptr);
  }

  /// Has a list watched, and calls `done`, on any thread, with it as it is; with null if the
  /// database can't be asked from here.
  virtual void watch(list_question x, std::function<void(list_state_ptr)> done) {
    static_cast<void>(x);
    done(nullptr);
  }

  /// Names the database if its nodes find each other's changes in it by themselves; empty if they
  /// have to be told.
  [[nodiscard]] virtual std::string shared_name() const { return {}; }

  /// Whether changes may have been committed that are not announced here yet, because others made
  /// them.
  [[nodiscard]] virtual bool finds_changes() const noexcept { return false; }

  /// Calls `done`, on any thread, when all changes are announced that others had committed.
  virtual void catch_up(std::function<void()> done) { done(); }
};

} // namespace dcrf
