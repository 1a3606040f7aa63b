#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/store/row.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dcrf {

struct serializer_descriptor;

/// A list that clients watch, or the number of its rows. Equal ones are one, whoever watches them.
struct list_query {
  /// With a limit, unless it is the number that is watched.
  selection rows{};
  /// How the rows are shown; null for their number.
  const serializer_descriptor* serializer = nullptr;

  [[nodiscard]] bool is_count() const noexcept { return serializer == nullptr; }
};

/// The group of all who watch a list. No other process has one of this name.
[[nodiscard]] group_name list_group(const list_query& x);

/// Whose groups those of lists are.
[[nodiscard]] const observer_descriptor& list_observer() noexcept;

/// Asks for a list by a member of its group.
struct list_question {
  group_name group{};
  std::shared_ptr<const list_query> query{};
  /// The position at which the client had the list; empty if it did not.
  std::string since{};
};

/// A list as it is.
struct list_state {
  enum class outcome : std::uint8_t {
    /// Here it is: it may have changed, or nobody knows.
    changed,
    /// Nothing since the position can have changed it.
    resumed,
    /// The position is too old, and the list is here.
    expired,
    /// The position is of another history, and the list is here.
    unknown,
    /// The database could not be read now.
    failed,
  };

  outcome result = outcome::failed;
  /// Grows with each change that is told of.
  std::uint64_t revision = 0;
  /// The position that it has; null if no feed is kept.
  feed_position_ptr at{};
  /// What is sent of it, if it looks the same to everybody; else null.
  std::shared_ptr<const std::string> data{};
  /// The rows, if they don't.
  std::vector<std::shared_ptr<const row>> rows{};
  /// The memory that the list takes where it is kept, in bytes.
  std::size_t held = 0;
};

using list_state_ptr = std::shared_ptr<const list_state>;

/// "changed", "expired", "unknown".
[[nodiscard]] std::string_view reason_of(list_state::outcome x) noexcept;

/// One step from a list as it was to the list as it is.
struct list_step {
  change_kind kind = change_kind::update;
  /// The event up to the request id; null if the row looks different to each.
  std::shared_ptr<const std::string> head{};
  /// The row, then.
  std::shared_ptr<const row> shown{};
  /// What follows the request id.
  std::string tail{};
};

/// What a message to the group of a list has in `live`: the way from one revision to another.
struct list_steps : live_event {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<list_step> steps{};
  /// How much memory the steps take.
  std::size_t bytes = 0;
  /// How much the list takes then, as in list_state.
  std::size_t held = 0;
};

/// Whether a message is for those who watch a list. One that has no steps says that some were lost.
[[nodiscard]] bool is_of_list(const group_message& x) noexcept;

/// @pre the message is of a list
[[nodiscard]] const list_steps* steps_of(const group_message& x) noexcept;

} // namespace dcrf
