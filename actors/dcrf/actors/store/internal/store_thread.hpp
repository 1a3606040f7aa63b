#pragma once

#include "dcrf/actors/messages.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/database.hpp"
#include "dcrf/store/migration.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcrf {

/// The thread of a database, and the only one that uses it. The repository actors of all its models
/// are pinned to it, so that writes are serialized, committed in groups, and announced in the order
/// of their commits.
class store_thread final : public repository_source {
public:
  /// @param channels gets the announcements; outlives the store thread
  store_thread(caf::actor_system& system, database_options options, schema models,
               channel_layer& channels, command_queue::limits bounds = {});
  ~store_thread() override;

  /// Migrates the database, opens it, and starts the thread and the repositories.
  /// @returns what was done to the tables, one sentence for each step.
  /// @throws store_failure if that can't be done; the thread does not run then
  std::vector<std::string> start(const std::vector<migration>& migrations = {},
                                 migration_mode mode = migration_mode::run);

  /// Answers what was asked before, ends the repositories and joins the thread. A transaction that
  /// is still open is rolled back. Who asks later gets an error from CAF.
  void stop();

  /// What is called, on the thread, when changes of others were lost before they could be
  /// announced. Set before the start.
  void on_gap(std::function<void(const model_descriptor*)> x) { on_gap_ = std::move(x); }

  // -- implementation of repository_source --------------------------------------------------------

  [[nodiscard]] const repository_actor& repository(const model_descriptor& model) const override;
  [[nodiscard]] const std::vector<repository_actor>& repositories() const noexcept override {
    return repositories_;
  }
  [[nodiscard]] std::uint64_t version() const noexcept override;
  [[nodiscard]] std::string shared_name() const override;
  [[nodiscard]] bool finds_changes() const noexcept override {
    return options_.outside != outside_changes::off;
  }
  void catch_up(std::function<void()> done) override;
  [[nodiscard]] feed_position_ptr position() const override;
  void follow(replay_question x, std::function<void(replay_ptr)> done) override;

  void watch(list_question x, std::function<void(list_state_ptr)> done) override;

  /// How many lists are watched. From any thread.
  [[nodiscard]] std::size_t lists() const noexcept;

  /// How many rows a live subscription is told of at most that it has missed. Set before the start.
  void resume_limit(std::size_t x) { resume_limit_ = x; }

  /// Has all live subscriptions told how far they are; calls `done` on the thread when that is
  /// under way to their threads.
  void tell_positions(std::function<void()> done);

  /// How often writes were committed. From any thread.
  [[nodiscard]] std::uint64_t commits() const noexcept;

  /// Calls `done` on the thread with what the feed keeps; with nothing if there is none, or it
  /// can't be read.
  /// @param prune whether to forget first all that can be forgotten
  void ask_feed(bool prune, std::function<void(std::optional<feed::extent>)> done);

  /// Whether a command was answered with `unavailable`, and what it asked for was not possible
  /// since. From any thread.
  [[nodiscard]] bool has_failed() const noexcept;

  /// Tries again what was not possible, and calls `done` on the thread with whether it is now.
  void try_again(std::function<void(bool)> done);

  [[nodiscard]] const database_options& options() const noexcept { return options_; }
  [[nodiscard]] const schema& models() const noexcept { return models_; }

private:
  struct state;

  // Called by the repositories, on the thread.
  void execute(command&& x, command_queue::completion done);
  void abandon(std::uint64_t transaction);

  void spawn_repository(const model_descriptor& model);
  void run_later();
  void run();
  void watch_deadline();
  void end_repositories();
  void finish();

  database_options options_;
  schema models_;
  channel_layer* channels_;
  command_queue::limits bounds_;
  io_thread thread_;
  std::unique_ptr<state> state_;
  std::vector<repository_actor> repositories_;
  std::function<void(const model_descriptor*)> on_gap_ = [](const auto*) {};
  std::size_t resume_limit_ = 1000;
  bool is_run_scheduled_ = false;
  timer_handle deadline_;
};

} // namespace dcrf
