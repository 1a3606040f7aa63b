#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/session/live_request.hpp"
#include "dcrf/session/live_subscription.hpp"
#include "dcrf/session/subscriptions.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dcrf {

/// The live subscriptions of one consumer: tells them what was committed together as a whole, with
/// the position after it, and has those who have missed something catch up from the feed.
class live_delivery {
public:
  /// @param context, within, subject, session, member, joined outlive the delivery
  live_delivery(session_context& context, const runtime& within, consumer& subject,
                consumer_session& session, group_member& member, subscriptions& joined)
      : context_(&context),
        runtime_(&within),
        consumer_(&subject),
        session_(&session),
        member_(&member),
        joined_(&joined) {}
  live_delivery(const live_delivery&) = delete;
  live_delivery& operator=(const live_delivery&) = delete;
  ~live_delivery() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return live_.empty(); }

  // -- requests -----------------------------------------------------------------------------------

  /// Checks what is known before the action runs.
  /// @throws api_exception (501) if there is no feed; validation_error
  void check(const live_request& x) const;

  /// The live subscription that a request makes, or begins anew, by joining a group.
  /// @throws validation_error if the group has no positions; limit_exceeded
  std::shared_ptr<live_subscription> subscribe(live_request& x, const group_name& group,
                                               const std::optional<std::string>& request_id);

  /// The request id is told of events without positions from now on.
  void subscribe_plainly(const std::string& request_id);

  /// What follows when the action has ended: where the subscription begins, or what it has missed.
  /// Answers the request if its reply says something of that.
  /// @returns the reply that is left to be sent
  [[nodiscard]] task<std::optional<response>> answer(const request& req, live_request& x,
                                                     std::optional<response> reply);

  /// Ends what the request has begun, which failed.
  void abandon(const live_request& x);

  /// The request id, or each if there is none, has left a group.
  void left(const group_name& group, const std::optional<std::string>& request_id);

  void clear();

  // -- events -------------------------------------------------------------------------------------

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

  [[nodiscard]] bool has_behind() const noexcept;
  /// Has all who are behind catch up, as fast as the client takes it.
  [[nodiscard]] task<> catch_up();

private:
  // One frame, or an event for the handler of its observer.
  struct telling {
    std::shared_ptr<const std::string> head;
    group_message_ptr handled;
  };
  using live_ptr = std::shared_ptr<live_subscription>;

  [[nodiscard]] live_ptr find(const std::string& request_id) const;
  void end(const live_ptr& x);
  task<> resume(const request& req, live_request& x, const std::optional<response>& reply);
  void send_reply(const request& req, live_request& x, const std::optional<response>& reply);
  void loaded(live_request& x);

  [[nodiscard]] static bool is_read(const live_subscription& x) noexcept;
  [[nodiscard]] static bool is_handled(const live_subscription& x) noexcept;
  [[nodiscard]] std::vector<telling> tellings_of(const live_subscription& x) const;
  [[nodiscard]] std::vector<telling> tellings_of(const replay& x) const;
  [[nodiscard]] replay_question question_of(const live_subscription& x) const;

  void send(const live_subscription& x, std::shared_ptr<const std::string> head,
            std::string_view members);
  void send_position(const live_subscription& x, std::string_view members);
  task<> send_whole(live_ptr to, std::vector<telling> told, feed_position_ptr position);
  task<> handle(live_ptr to, group_message_ptr message, feed_position_ptr position);
  task<> tell_read(live_ptr to);
  task<> catch_up(live_ptr x);
  [[nodiscard]] static bool is_over(const live_subscription& x, std::uint64_t generation) noexcept {
    return x.is_ended || x.generation != generation;
  }

  session_context* context_;
  const runtime* runtime_;
  consumer* consumer_;
  consumer_session* session_;
  group_member* member_;
  subscriptions* joined_;
  std::unordered_map<std::string, live_ptr> live_;
  // Those who have taken messages of the commit at hand.
  std::vector<live_ptr> told_;
};

} // namespace dcrf
