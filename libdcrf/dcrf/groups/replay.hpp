#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/feed_position.hpp"
#include "dcrf/store/row.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcrf {

/// Makes the command that reads the row with a key.
using reading_function = std::function<command(const value& key)>;

/// What a live subscription has to catch up with.
struct replay_question {
  /// The groups that it is in.
  std::vector<group_name> groups{};
  /// The position after which it wants the changes.
  std::string since{};
  /// Rows that are told of in any case, as they are.
  std::vector<value> keys{};
  /// How the rows are read, if the bodies of the observers are not what is told.
  reading_function reading{};
};

/// The sum of what happened to one row, as a subscription sees it.
struct replayed_change {
  const observer_descriptor* observer = nullptr;
  change_kind kind = change_kind::update;
  value key{};
  /// The row's last values, for observers that want them.
  record values{};
  /// The event as a reply up to its request id; null if the row was read.
  event_text_ptr text{};
  /// The row, if it was read and is there.
  std::optional<row> found{};
};

/// The answer to a replay_question.
struct replay {
  enum class outcome : std::uint8_t {
    /// All that changed is there.
    resumed,
    /// The position is too old.
    expired,
    /// The position is of another history.
    unknown,
    /// More rows of the subscription changed than are told of.
    too_many,
    /// The database could not be read now.
    failed,
  };

  outcome result = outcome::failed;
  /// What had committed before it is in the changes. Null if it failed.
  feed_position_ptr cut{};
  /// In the order of the rows' last changes; only if resumed.
  std::vector<replayed_change> changes{};
};

using replay_ptr = std::shared_ptr<const replay>;

/// "expired", "unknown", "too_many", or "failed".
[[nodiscard]] std::string_view reason_of(replay::outcome x) noexcept;

} // namespace dcrf
