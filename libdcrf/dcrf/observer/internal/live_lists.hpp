#pragma once

#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/groups/live_list.hpp"
#include "dcrf/store/change.hpp"
#include "dcrf/store/database.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <span>

namespace dcrf {

namespace internal {
class live_query;
class live_query_index;
} // namespace internal

/// The lists that clients watch: one query for all who watch the same. It holds what they have been
/// told, decides which changes may matter, and asks the database then; the difference goes to all
/// of them, made once. A query that nobody watches any more is forgotten. Runs where the store
/// runs.
class live_lists {
public:
  using completion = std::function<void(list_state_ptr)>;

  /// What a step has come to.
  enum class progress : std::uint8_t {
    /// Nothing is left to do.
    done,
    more,
    /// The database could not be read; what is left waits for a later step.
    failed,
    /// One list can't be read, whatever the state of the database.
    faulty,
  };

  /// @param db, channels outlive the lists
  /// @param wake called when a step has something to do that had not before
  live_lists(database& db, channel_layer& channels, std::function<void()> wake = [] {});
  ~live_lists();

  /// Answers by a step. Who asks is a member of the list's group until then.
  void ask(list_question x, completion done);

  /// Takes what was committed, in the order of the commits.
  void note(std::span<const change> changes);

  /// Changes were made that nobody tells of.
  void lose();

  /// Reads one list that may have changed and tells the difference, or answers those who have
  /// asked.
  /// @pre no transaction is open, and all that is committed was noted
  progress step();

  /// Whether all who watch have been told of all that was noted.
  [[nodiscard]] bool is_current() const noexcept;

  /// How many lists are watched, and how often one was read.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::uint64_t reads() const noexcept { return reads_; }

  /// Why the last step failed that did.
  [[nodiscard]] const std::exception_ptr& failure() const noexcept { return failure_; }

private:
  void forget_some();
  void forget(internal::live_query& x);
  void put_off(internal::live_query& x);
  progress read(internal::live_query& x);
  progress fail(internal::live_query& x);
  void answer(internal::live_query& x);
  [[nodiscard]] list_state_ptr state_for(internal::live_query& x, const list_question& asked);
  [[nodiscard]] list_state::outcome outcome_for(const internal::live_query& x,
                                                const std::string& since);
  [[nodiscard]] bool is_watched(const internal::live_query& x) const;

  database* db_;
  channel_layer* channels_;
  std::function<void()> wake_;
  std::unique_ptr<internal::live_query_index> index_;
  // Those that have to be read or answered.
  std::deque<internal::live_query*> queued_;
  std::uint64_t reads_ = 0;
  std::uint64_t last_revision_ = 0;
  std::exception_ptr failure_;
};

} // namespace dcrf
