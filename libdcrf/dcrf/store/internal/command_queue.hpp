#pragma once

#include "dcrf/store/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <vector>

namespace dcrf {

/// Executes commands on one database in the order in which they came.
///
/// Writes that are queued when the first of them starts are committed together, each atomic by
/// itself. Nobody is answered before what was read or written is committed; answers go out before
/// the changes are announced, and changes are announced in commit order. While a transaction is
/// open (begin_command), commands that do not belong to it wait. Runs on one thread.
class command_queue {
public:
  using clock = std::chrono::steady_clock;
  using completion = std::function<void(store_result)>;
  /// What was committed together.
  struct committed {
    /// The changes of each transaction of the group, or of each command; none is empty.
    std::vector<std::vector<change>> changes{};
    /// The position after them in the feed; null if they are not kept.
    feed_position_ptr position{};
  };
  /// Takes what a commit has changed, after it.
  using announcement = std::function<void(committed)>;

  struct limits {
    /// How many commands are committed together at most: more would only delay the first ones.
    std::size_t group = 256;
    /// How long a transaction may stay open before it is rolled back: others wait for it.
    std::chrono::milliseconds transaction_timeout{10000};
  };

  command_queue(database& db, announcement announce);
  command_queue(database& db, announcement announce, limits bounds);
  ~command_queue();

  /// What is called with each command that is answered with `unavailable`, before that.
  void on_unavailable(std::function<void(const command&)> x) { unavailable_ = std::move(x); }

  void push(command x, completion done);

  /// Executes what is queued, until nothing is left that may run now.
  void run();

  /// Rolls back an open transaction whose owner is gone, and runs what waited for it; unknown ids
  /// are ignored.
  void abandon(std::uint64_t transaction);

  /// When the open transaction ends by itself; `expire` is to be called then. It rolls back, and
  /// runs what waited.
  [[nodiscard]] std::optional<clock::time_point> deadline() const noexcept;
  void expire(clock::time_point now);

  /// Whether no command waits.
  [[nodiscard]] bool empty() const noexcept;

private:
  struct pending {
    command body;
    completion done;
  };

  // What a group of commands has come to.
  struct outcomes {
    std::vector<store_result> results{};
    std::vector<std::vector<change>> changes{};
    feed_position_ptr position{};
  };

  // Commands go from the queue to their group without being moved.
  using commands = std::list<pending>;

  bool run_some();
  static pending take(commands& from);
  commands take_while(bool (*belongs)(const command&));
  commands take_reads();
  commands take_group();
  void run_reads(commands group);
  void run_writes(commands group, clock::time_point deadline);
  void run_apart(commands group, clock::time_point deadline);
  static outcomes execute_all(unit_of_work& unit, std::span<const command* const> all,
                              bool is_last_attempt);
  static bool execute_together(unit_of_work& unit, std::span<const command* const> x,
                               outcomes& result);
  static void append(unit_of_work::outcomes done, outcomes& to);
  static std::vector<const command*> pointers_to(const commands& group);
  void answer(commands& group, std::vector<store_result>& results) const;
  void fail(commands& group, const store_error& error) const;
  void finish(pending& x, store_result&& result) const;

  void begin(pending x);
  void run_inner(pending x);
  void run_nested(pending x);
  void commit(pending x);
  void close() noexcept;

  database& db_;
  announcement announce_;
  limits bounds_;
  std::function<void(const command&)> unavailable_;
  bool is_running_ = false;

  // Commands of their own, and those that name a transaction, which never wait.
  commands waiting_;
  commands inner_;

  std::optional<unit_of_work> open_;
  std::uint64_t open_id_ = 0;
  std::uint64_t last_id_ = 0;
  clock::time_point deadline_{};
  std::vector<change> open_changes_;
  // How many changes there were when each of the open savepoints was set.
  std::vector<std::size_t> savepoints_;
};

} // namespace dcrf
