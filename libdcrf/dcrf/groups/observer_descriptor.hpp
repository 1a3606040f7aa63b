#pragma once

#include "dcrf/fwd.hpp"
#include "dcrf/groups/group.hpp"
#include "dcrf/groups/replay.hpp"
#include "dcrf/store/row.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// An event of an observer, as the handler of a consumer sees it.
struct observed {
  const group_message& message;
  /// The request ids that the consumer's client subscribed to the group with: JSON values, in the
  /// order of the subscriptions. Empty if it subscribed without.
  const std::vector<std::string>& request_ids;
  /// For a live subscription: what had committed before it is told with this event, and those after
  /// it of the same commit. Null for others.
  feed_position_ptr position{};
};

/// How the sendings of a durable signal are kept.
struct durable_descriptor {
  /// The same in every process of a program.
  std::string_view name;
  /// The names and types of its members.
  std::string (*layout)() = nullptr;
  /// The sending that was made of these values.
  std::shared_ptr<const void> (*read)(std::span<const value> values) = nullptr;
};

/// An observer: which groups the changes of a model, or the sendings of a signal, reach, and with
/// what body. There is one object for each observer, which lives as long as the program.
struct observer_descriptor {
  /// Names the observer among all; the same in every process of a program.
  std::string_view name;
  /// The model_descriptor or the signal that is observed.
  const void* subject = nullptr;
  /// Null unless a durable signal is observed.
  const durable_descriptor* durable = nullptr;
  /// What to load with a row before `body` is made.
  const fetch_plan& (*plan)() = nullptr;
  /// Whether changes of the model's many-to-many relations are updates too.
  bool watches_relations = false;
  /// Whether the events carry the row, besides their body.
  bool carries_values = false;
  /// The `action` of the events' replies; that of the change if empty.
  std::string_view action{};
  /// The keys of the groups that a row (`const record*`) or a sending belongs to.
  std::vector<std::string> (*groups)(const void* source) = nullptr;
  /// What to load with a row to know its other groups, which other rows say; null if there are no
  /// others.
  const fetch_plan& (*group_plan)() = nullptr;
  /// The keys of these groups, of a row loaded by that plan.
  std::vector<std::string> (*linked_groups)(const row& x) = nullptr;
  /// The body of the events: of a row loaded by the plan (`const row*`), or of a sending.
  json_text (*body)(const void* source, change_kind kind) = nullptr;
  /// Handles an event in a consumer; null sends a reply for each request id.
  task<> (*handle)(consumer& self, const observed& event) = nullptr;
  /// Makes up for events that may have been lost; null tells the consumer by its hook.
  task<> (*make_up)(consumer& self, const observed& event) = nullptr;
  /// How a live subscription of a consumer reads the rows that it is told of, as they are when it
  /// is told; null if it is told what `body` makes.
  reading_function (*reading)(consumer& self) = nullptr;
  /// What was read as an event, up to its request id: a row that was not found is deleted for this
  /// client. Null if the client may not learn of it.
  std::shared_ptr<const std::string> (*shown)(consumer& self, const replayed_change& x) = nullptr;
};

/// The description of an observer: a model_observer or a signal_observer.
template <class Observer>
const observer_descriptor& observer_of() noexcept;

/// The key of the observer's group for a value of what its groups are made by; for an observer with
/// one group, without a value.
template <class Observer, class... Value>
std::string group_key_of(const Value&... x);

} // namespace dcrf
