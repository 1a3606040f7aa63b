#pragma once

#include "dcrf/runtime/runtime.hpp"
#include "dcrf/session/internal/live_sender.hpp"
#include "dcrf/session/internal/live_subscriptions.hpp"
#include "dcrf/session/internal/subscriptions.hpp"

#include <vector>

namespace dcrf {

/// Tells the live subscriptions of one consumer what was committed together as a whole, with the
/// position after it, and has those who have missed something catch up from the feed.
class live_delivery {
public:
  /// @param context, within, live, sender outlive the delivery
  live_delivery(session_context& context, const runtime& within, live_subscriptions& live,
                live_sender& sender)
      : context_(&context), runtime_(&within), live_(&live), sender_(&sender) {}
  live_delivery(const live_delivery&) = delete;
  live_delivery& operator=(const live_delivery&) = delete;

  /// Keeps a message for those who are told when its commit ends.
  /// @param to whom its group has
  void take(const subscriptions::membership& to, const group_message_ptr& message);

  /// Whether all who would be told of a message drop it, since they have to catch up anyway.
  [[nodiscard]] static bool drops(const subscriptions::membership& to) noexcept;

  /// All messages of a commit were taken: tells of them.
  /// @returns whether that is done; else `tell` is to be awaited
  [[nodiscard]] bool end_commit(const feed_position_ptr& position);
  [[nodiscard]] task<> tell(feed_position_ptr position);

  /// Tells those who have not been told of anything for long how far they are.
  void reach(const position_tick& x);

  /// Drops what was taken: all have to catch up.
  void fall_behind();

  /// Has all who are behind catch up, as fast as the client takes it.
  [[nodiscard]] task<> catch_up();

private:
  void drop_commit();
  task<> tell_read(live_subscription_ptr to);
  task<> catch_up(live_subscription_ptr x);
  void tell_lost(live_subscription& x, const replay& found);

  session_context* context_;
  const runtime* runtime_;
  live_subscriptions* live_;
  live_sender* sender_;
  // Those who have taken messages of the commit at hand.
  std::vector<live_subscription_ptr> told_;
};

} // namespace dcrf
