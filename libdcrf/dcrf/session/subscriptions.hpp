#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/runtime/task.hpp"

#include <boost/container/flat_map.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcrf {

/// The subscriptions of one consumer: it is a member of a group as long as it has one left there.
/// Request ids are JSON texts, so that two of different types differ.
class subscriptions {
public:
  /// @param context and @param member outlive the subscriptions
  subscriptions(session_context& context, group_member& member)
      : context_(&context), member_(&member) {}

  /// Returns when messages of the group reach the member.
  /// @param request_id without one, the subscription is nameless
  task<> add(group_name group, std::optional<std::string> request_id);

  /// Ends one subscription of the group; what is not there needs no end.
  /// @param request_id without one, all of the group end
  void remove(const group_name& group, const std::optional<std::string>& request_id);

  /// Ends all, and leaves all groups.
  void clear();

  /// The request ids of a group, in the order in which they came; null if the consumer is no
  /// member of it.
  [[nodiscard]] const std::vector<std::string>* find(const group_name& group) const;

private:
  struct membership {
    std::vector<std::string> request_ids{};
    bool is_nameless = false;
    bool is_joined = false;
  };

  session_context* context_;
  group_member* member_;
  boost::container::flat_map<group_name, membership> memberships_;
};

} // namespace dcrf
