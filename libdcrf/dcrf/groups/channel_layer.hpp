#pragma once

#include "dcrf/groups/group.hpp"

#include <vector>

namespace dcrf {

class presence_table;

/// Who gets the messages of groups.
class group_member {
public:
  virtual ~group_member() = default;

  virtual void deliver(group_message_ptr message) = 0;
};

/// The directory of who is in which group, and the way to them. Safe to call from any thread.
class channel_layer {
public:
  virtual ~channel_layer() = default;

  /// The observers of a model or a signal that have members in some group.
  [[nodiscard]] virtual std::vector<const observer_descriptor*>
  observers_of(const void* subject) const = 0;

  [[nodiscard]] virtual bool has_members(const group_name& x) const = 0;

  /// Sends a message to all members of its group. Messages of one thread to one group arrive in the
  /// order of sending.
  virtual void publish(group_message_ptr message) = 0;

  /// Who is present.
  [[nodiscard]] virtual presence_table& presences() = 0;
};

} // namespace dcrf
