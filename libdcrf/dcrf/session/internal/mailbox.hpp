#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/runtime/session_budget.hpp"

#include <functional>
#include <list>
#include <string>
#include <variant>

namespace dcrf {

/// A frame of a client, as it came.
struct received_frame {
  std::string payload;
  bool is_text = true;
  /// Whether the request is its member `payload`.
  bool is_multiplexed = false;
};

/// Says, behind the messages of a commit, that these were all.
struct commit_mark {
  feed_position_ptr position;
};

/// What waits for its turn with one consumer: frames and events, in the order in which they came.
class mailbox {
public:
  using message = std::variant<received_frame, group_message_ptr, commit_mark, position_tick>;

  /// @param budget outlives the mailbox; all that waits is counted there
  explicit mailbox(session_budget& budget) noexcept : budget_(&budget) {}
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }

  void push(message x);

  /// @pre not empty, as for `pop`
  [[nodiscard]] const message& front() const { return messages_.front(); }
  message pop();

  void drop_events();
  /// Drops the messages for which the condition holds.
  void drop_messages(const std::function<bool(const group_message&)>& condition);
  void clear();

private:
  void forget(const message& x);

  session_budget* budget_;
  std::list<message> messages_;
};

} // namespace dcrf
