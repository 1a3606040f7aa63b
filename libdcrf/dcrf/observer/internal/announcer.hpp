#pragma once

#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/store/change.hpp"
#include "dcrf/store/database.hpp"

#include <exception>
#include <optional>
#include <span>
#include <vector>

namespace dcrf {

/// Makes the messages of committed changes: for each observer of a row's model, to the groups that
/// the row has left, stays in or came into. Runs where the store runs, after the commit.
///
/// An observer without members in one of these groups costs a look into the directory; bodies are
/// made once for an observer, a change and its kind.
class announcer {
public:
  /// @param db loads what serializers show besides the row; both outlive the announcer
  announcer(database& db, channel_layer& channels) : database_(&db), channels_(&channels) {}

  /// Announces the changes of one transaction, or of several that were committed together, in their
  /// order.
  /// @param position that of the commit in the feed; null if it is not kept
  /// @throws what an observer of the application threw, after all others were served; or
  ///         store_failure with `unavailable` if what goes with a change can't be loaded now:
  ///         nothing was announced then
  void announce(std::span<const change> changes, const feed_position_ptr& position = nullptr);

  /// What observers with members will show of a change that is being made: to be loaded with it, by
  /// `database::load_with_changes`, since what goes with the row may change before the commit.
  /// @throws what an observer of the application throws
  [[nodiscard]] std::vector<const fetch_plan*> plans_of(const change& x) const;

  /// What says in which groups of observers with members the row of a change is, besides the row.
  [[nodiscard]] std::vector<const fetch_plan*> group_plans_of(const change& x) const;

private:
  using messages = std::vector<group_message_ptr>;
  enum class moment { before, after };

  class event;

  std::exception_ptr add_messages(const change& x, const feed_position_ptr& position, messages& to);
  void add_signal(const change& x, const feed_position_ptr& position, messages& to);
  void add_signal(const change& x, const observer_descriptor& observer, const void* sent,
                  const feed_position_ptr& position, messages& to);
  void add_messages(const change& x, const observer_descriptor& observer,
                    const feed_position_ptr& position, messages& to);
  [[nodiscard]] bool has_members(const observer_descriptor& observer,
                                 const std::optional<record>& state) const;
  [[nodiscard]] row loaded(const change& x, const fetch_plan& plan);
  [[nodiscard]] std::vector<std::string>
  groups_of(const change& x, const observer_descriptor& observer, moment when);
  [[nodiscard]] row linked_rows(const change& x, const fetch_plan& plan, moment when);

  database* database_;
  channel_layer* channels_;
  // What was loaded for the change that is being told of.
  std::vector<change::loaded> read_;
};

} // namespace dcrf
