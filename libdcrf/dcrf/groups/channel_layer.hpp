#pragma once

#include "dcrf/groups/group.hpp"

#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace dcrf {

class presence_table;

namespace detail {

template <class Tag>
using unlinking_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Links those who have to learn that the commit has ended of which they are being told.
using commit_hook = unlinking_hook<struct commit_tag>;
/// Links those with live subscriptions.
using live_hook = unlinking_hook<struct live_tag>;

} // namespace detail

/// Who gets the messages of groups.
class group_member : public detail::commit_hook, public detail::live_hook {
public:
  virtual ~group_member() = default;

  /// @returns whether the member is to learn of the end of the commit that the message is of
  virtual bool deliver(group_message_ptr message) = 0;

  /// All messages of a commit have come.
  virtual void commit_ended(const feed_position_ptr&) {}

  /// All messages of all commits up to a position have come.
  virtual void position_reached(const position_tick&) {}
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

  /// The same for the messages of one commit, in their order.
  /// @param position that of the commit in the feed; null if it is not kept
  virtual void publish(std::vector<group_message_ptr> messages, const feed_position_ptr& position) {
    static_cast<void>(position);
    for (auto& x : messages) {
      publish(std::move(x));
    }
  }

  /// Has all live subscriptions told of a position that have not been told of anything for long.
  virtual void publish(const position_tick&) {}

  /// How many live subscriptions there are. Counted before they take their first position, so that
  /// who announces a later commit sees them.
  [[nodiscard]] std::atomic<std::size_t>& live() noexcept { return live_; }

  /// Who is present.
  [[nodiscard]] virtual presence_table& presences() = 0;

private:
  std::atomic<std::size_t> live_{0};
};

} // namespace dcrf
