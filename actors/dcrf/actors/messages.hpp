#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/json/json_text.hpp"
#include "dcrf/store/command.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcrf {

/// Has a session send JSON to its client as a frame of its own.
struct send_frame {
  json_text frame;
};

/// Has a session close its connection, after what was sent before.
struct close_session {
  std::uint16_t code = 1000;
};

/// Has a session of a user ask again who that is and what it may, or close.
struct look_after_user {
  /// The text of the user's key; nothing if whoever it is.
  std::optional<std::string> user;
  /// 0 if it is asked again.
  std::uint16_t close_code = 0;
};

/// Asks a node for the numbers of its sessions, answered with session_list.
struct list_sessions {};

struct session_list {
  std::vector<std::uint64_t> numbers;
};

/// Has one session of a node send a frame, or close. Answered with whether it is there.
struct send_to_session {
  std::uint64_t session = 0;
  json_text frame;
};

struct close_one_session {
  std::uint64_t session = 0;
  std::uint16_t code = 1000;
};

/// Rolls back a transaction whose owner is gone.
struct abandon_transaction {
  std::uint64_t transaction = 0;
};

/// Makes the sender of the message a member of a group: it gets its messages as group_message_ptr
/// until it leaves or ends. Answered with true when every message published from then on arrives,
/// with false if it left before that; it has to be sent as a request, since a message without a
/// sender joins nobody.
struct join_group {
  group_name target;
};

/// Ends the membership of the sender.
struct leave_group {
  group_name target;
};

/// Tells the members of an I/O thread's groups that messages may have been lost, because the link
/// to another node was down, or the database could not be read in time.
struct messages_lost {
  std::string node;
  /// Whether that node may have announced changes of rows: if not, only free groups and signals are
  /// concerned.
  bool has_repositories = true;
  /// Whether nothing but changes of rows is concerned.
  bool of_rows_only = false;
  /// The model whose rows are concerned; null if it is any.
  const void* subject = nullptr;

  [[nodiscard]] bool concerns(const observer_descriptor* x) const noexcept {
    return subject == nullptr || (x != nullptr && x->subject == subject);
  }
};

/// Tells a group actor that messages to some groups were left out, because too much waited for it:
/// the directory says which.
struct messages_left_out {};

/// The repository of a model: executes commands, one after the other. Failures of the store are
/// answers too, in `store_result::error`.
using repository_actor = caf::typed_actor<caf::replies_to<command>::with<store_result>,
                                          caf::reacts_to<abandon_transaction>>;

/// One WebSocket connection.
using session_actor = caf::typed_actor<caf::reacts_to<send_frame>, caf::reacts_to<close_session>,
                                       caf::reacts_to<look_after_user>>;

/// The sessions of a node: each has a number, which is that of its actor there.
using node_sessions_actor = caf::typed_actor<caf::replies_to<list_sessions>::with<session_list>,
                                             caf::replies_to<send_to_session>::with<bool>,
                                             caf::replies_to<close_one_session>::with<bool>>;

/// The groups of one I/O thread: sends what it gets on to its members, and takes other actors as
/// members.
using group_actor =
    caf::typed_actor<caf::reacts_to<group_message_ptr>, caf::reacts_to<group_batch_ptr>,
                     caf::reacts_to<position_tick>, caf::replies_to<join_group>::with<bool>,
                     caf::reacts_to<leave_group>, caf::reacts_to<messages_lost>,
                     caf::reacts_to<messages_left_out>>;

} // namespace dcrf

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::store_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::group_message_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::send_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::close_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::look_after_user)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::list_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::session_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::send_to_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::close_one_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::abandon_transaction)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::join_group)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::leave_group)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::messages_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::messages_left_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::group_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dcrf::position_tick)
