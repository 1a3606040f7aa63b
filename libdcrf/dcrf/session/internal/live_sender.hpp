#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/groups/replay.hpp"
#include "dcrf/session/internal/live_changes.hpp"
#include "dcrf/session/internal/live_subscription.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

/// Tells the live subscriptions of one consumer of changes, as fast as its client takes it.
class live_sender {
public:
  /// @param context, subject, session outlive the sender
  live_sender(session_context& context, consumer& subject, consumer_session& session)
      : context_(&context), consumer_(&subject), session_(&session) {}

  /// A frame of one subscription.
  /// @param head the frame up to its request id
  /// @param members what its member `live` has, without the braces
  void send(const live_subscription& x, std::shared_ptr<const std::string> head,
            std::string_view members);
  void send_position(const live_subscription& x, std::string_view members);
  /// A whole that need not be waited for. No change of it has a handler.
  void send_at_once(const live_subscription& x, std::vector<live_change> told, std::string_view at);

  /// A whole, after which the subscription has reached a position. One that is empty sends nothing.
  task<> send_whole(live_subscription_ptr to, std::vector<live_change> told,
                    feed_position_ptr position);
  /// What was found in the feed, which the subscription has reached then.
  task<> send_whole(live_subscription_ptr to, const replay& found) {
    return send_whole(std::move(to), changes_of(found), found.cut);
  }

  /// Awaits what the feed says: null if it could not be asked.
  [[nodiscard]] follow_call ask(replay_question x) { return follow_call{*context_, std::move(x)}; }
  /// Has the consumer asked whatever awaits, before `question_of` and `changes_of`.
  task<> prepare();
  /// What a subscription asks the feed; the caller adds since when, or which rows.
  [[nodiscard]] replay_question question_of(const live_subscription& x) const;

  [[nodiscard]] std::vector<live_change> changes_of(const replay& x) const {
    return dcrf::changes_of(x, *consumer_);
  }

private:
  task<> handle(live_subscription_ptr to, group_message_ptr message, feed_position_ptr position);

  session_context* context_;
  consumer* consumer_;
  consumer_session* session_;
};

} // namespace dcrf
