#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/runtime/task.hpp"

#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcrf {

struct kept_request;
struct live_subscription;

/// One subscription to a group, under a request id: a JSON text, so that ids of two types differ.
struct subscription {
  /// Grows with each subscription of the consumer.
  std::uint64_t number = 0;
  std::string request_id;
  /// Changes up to this version were committed before the subscription. As the next member, not
  /// what it is found by.
  mutable std::uint64_t since = 0;
  /// Whether messages of the group are for it already.
  mutable bool is_joined = false;
  /// The live subscription of its request id; null if it is told of events without positions.
  mutable std::shared_ptr<live_subscription> live{};
  /// What subscribed; null if nobody asks later.
  mutable std::shared_ptr<const kept_request> by{};
};

/// Whether a message came after the subscription. What live ones are told is another matter.
[[nodiscard]] inline bool is_for(const subscription& x, const group_message& message) noexcept {
  return x.is_joined && !x.live && (message.version == 0 || message.version > x.since);
}

/// The subscriptions of one consumer: it is a member of a group as long as it has one left there.
class subscriptions {
public:
  /// The subscriptions to one group, in the order of their numbers, and by their request ids.
  using by_group = boost::multi_index_container<
      subscription,
      boost::multi_index::indexed_by<boost::multi_index::ordered_unique<boost::multi_index::member<
                                         subscription, std::uint64_t, &subscription::number>>,
                                     boost::multi_index::ordered_unique<boost::multi_index::member<
                                         subscription, std::string, &subscription::request_id>>>>;

  struct membership {
    by_group named{};
    /// The subscription without a request id.
    std::optional<subscription> nameless{};

    /// Whether nobody but live subscriptions is told of what happens there.
    [[nodiscard]] bool is_only_live() const noexcept;
    /// Whether some are told.
    [[nodiscard]] bool is_live() const noexcept;
  };

  /// @param context and @param member outlive the subscriptions
  subscriptions(session_context& context, group_member& member)
      : context_(&context), member_(&member) {}
  subscriptions(const subscriptions&) = delete;
  subscriptions& operator=(const subscriptions&) = delete;

  /// Returns when messages of the group reach the member.
  /// @param request_id without one, the subscription is nameless
  /// @param live null if it is to be told of events without positions
  /// @param by null if nobody asks later what has subscribed
  /// @throws limit_exceeded if the session holds too much
  task<> add(group_name group, std::optional<std::string> request_id,
             std::shared_ptr<live_subscription> live = nullptr,
             std::shared_ptr<const kept_request> by = nullptr);

  /// Ends one subscription of the group; what is not there needs no end.
  /// @param request_id without one, all of the group end
  void remove(const group_name& group, const std::optional<std::string>& request_id);

  /// A subscription that was live is told of what commits from now on without positions.
  void make_plain(const group_name& group, const std::string& request_id);

  /// Leaves groups, so many at most.
  /// @returns whether all are left
  bool leave_some(std::size_t count);

  /// Ends all, and leaves all groups.
  void clear();

  /// Each request that has subscribed, with what it has subscribed to that goes on.
  struct kept {
    std::shared_ptr<const kept_request> by;
    std::vector<group_name> groups{};
    /// Nothing if the request has none.
    std::optional<std::string> request_id{};
  };
  [[nodiscard]] std::vector<kept> all_kept() const;

  /// Null if the consumer is no member of the group.
  [[nodiscard]] const membership* find(const group_name& group) const;

private:
  using memberships = std::map<group_name, membership>;

  [[nodiscard]] const subscription* find(const group_name& group,
                                         const std::optional<std::string>& request_id) const;
  void insert(const group_name& group, const std::optional<std::string>& request_id,
              std::shared_ptr<const kept_request> by);
  void keep(const subscription& x, std::shared_ptr<const kept_request> by);
  void joined(const group_name& group, const std::optional<std::string>& request_id);
  void leave(memberships::iterator x);

  session_context* context_;
  group_member* member_;
  std::uint64_t last_number_ = 0;
  memberships memberships_;
};

/// The request ids that a message is for, in the order in which they came.
[[nodiscard]] std::vector<std::string> request_ids_of(const subscriptions::membership& x,
                                                      const group_message& message);

} // namespace dcrf
