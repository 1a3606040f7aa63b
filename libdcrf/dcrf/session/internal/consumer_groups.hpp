#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/session/internal/event_delivery.hpp"
#include "dcrf/session/internal/list_delivery.hpp"
#include "dcrf/session/internal/live_delivery.hpp"
#include "dcrf/session/internal/live_replies.hpp"
#include "dcrf/session/internal/live_sender.hpp"
#include "dcrf/session/internal/live_subscriptions.hpp"
#include "dcrf/session/internal/mailbox.hpp"
#include "dcrf/session/internal/runs.hpp"
#include "dcrf/session/internal/subscriptions.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcrf {

/// The groups that one consumer is a member of, for itself and for its client: brings it their
/// messages, as events, with positions where the client asked for these, and as what becomes of
/// lists.
class consumer_groups {
public:
  /// @param context, within, subject, session, member outlive the groups
  consumer_groups(session_context& context, const runtime& within, consumer& subject,
                  consumer_session& session, group_member& member);
  consumer_groups(const consumer_groups&) = delete;
  consumer_groups& operator=(const consumer_groups&) = delete;

  /// What answers requests that have a member `live`; lives no longer than the groups.
  [[nodiscard]] live_replies replies() noexcept {
    return {*context_, *session_, live_, live_sender_};
  }

  // -- memberships --------------------------------------------------------------------------------

  /// Becomes a member, under a request id or without one.
  /// @param by the run that asks for it; null if it is none of the consumer's
  /// @param kept what subscribes; null if nobody asks later
  [[nodiscard]] task<> join(group_name group, std::optional<std::string> request_id,
                            coroutine_run* by, std::shared_ptr<const kept_request> kept);
  void leave(const group_name& group, const std::optional<std::string>& request_id);

  /// Answers a request with a list, and tells what becomes of it.
  [[nodiscard]] task<> watch(const request& req, watched_list x, coroutine_run* by);
  void unwatch(const std::optional<std::string>& request_id) { lists_.end(request_id); }
  /// Ends all lists, and tells the client why.
  void end_lists(const std::string& errors, int status) { lists_.end_all(errors, status); }

  /// Each request that has subscribed to something that goes on.
  [[nodiscard]] std::vector<subscriptions::kept> kept() const { return joined_.all_kept(); }

  // -- messages -----------------------------------------------------------------------------------

  /// What became of a message that has come.
  struct reception {
    /// It is to be told of in its turn, by `tell`.
    bool waits = false;
    /// `catch_up` may have something to do.
    bool may_be_behind = false;
    /// The member wants to know when its commit has ended.
    bool is_live = false;
  };

  /// Tells of a message at once, if that can be.
  /// @param may_tell whether nothing runs, and nothing waits that has come before
  [[nodiscard]] reception take(const group_message_ptr& message, bool may_tell);

  /// Tells of a message, or of how far they have come, in its turn.
  /// @returns what is left to be awaited; a task that is done if nothing is
  [[nodiscard]] task<> tell(group_message_ptr message);
  [[nodiscard]] task<> tell(const commit_mark& x);
  void tell(const position_tick& x);

  /// Whether anybody wants to know how far they have come.
  [[nodiscard]] bool has_positions() const noexcept { return !live_.empty() || !lists_.empty(); }

  /// Nothing more is kept for those who can read later what has happened.
  void fall_behind();
  /// Whether a message that waits is only for these.
  [[nodiscard]] bool drops(const group_message& x) const;

  /// Has those who are behind read what they have missed.
  /// @returns a task that is done if there are none
  [[nodiscard]] task<> catch_up();

  /// The consumer has sent something.
  void has_sent() noexcept { events_.has_sent(); }

  // -- the end ------------------------------------------------------------------------------------

  /// The client is told of nothing more.
  void stop();
  /// Leaves groups, so many at most.
  /// @returns whether all are left
  bool leave_some(std::size_t count) { return joined_.leave_some(count); }
  void clear();

private:
  session_context* context_;
  consumer_session* session_;
  subscriptions joined_;
  live_subscriptions live_;
  live_sender live_sender_;
  live_delivery live_events_;
  list_delivery lists_;
  event_delivery events_;
};

} // namespace dcrf
