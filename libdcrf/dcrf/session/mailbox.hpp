#pragma once

#include "dcrf/groups/group.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <variant>

namespace dcrf {

/// A frame of a client, as it came.
struct frame {
  std::string payload;
  bool is_text = true;
  /// Whether the request is its member `payload`.
  bool is_multiplexed = false;
};

/// What waits for its turn with one consumer: frames and events, in the order in which they came.
class mailbox {
public:
  using message = std::variant<frame, group_message_ptr>;

  [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }

  /// The bytes of all frames and of the bodies of all events.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  void push(message x);

  /// @pre not empty, as for `pop`
  [[nodiscard]] const message& front() const { return messages_.front(); }
  message pop();

  void drop_events();
  void clear();

private:
  std::list<message> messages_;
  std::size_t bytes_ = 0;
};

} // namespace dcrf
