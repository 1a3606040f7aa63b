#pragma once

#include "dcrf/protocol/response.hpp"
#include "dcrf/session/internal/live_request.hpp"
#include "dcrf/session/internal/live_sender.hpp"
#include "dcrf/session/internal/live_subscriptions.hpp"

#include <optional>

namespace dcrf {

/// Answers requests that have a member `live`: where a subscription begins, what it has missed, and
/// what a load or a write has seen.
class live_replies {
public:
  /// @param context, session, live, sender outlive this
  live_replies(session_context& context, consumer_session& session, live_subscriptions& live,
               live_sender& sender)
      : context_(&context), session_(&session), live_(&live), sender_(&sender) {}

  /// Checks what is known before the action runs.
  /// @throws api_exception (501) if there is no feed; validation_error
  void check(const live_request& x) const;

  /// What follows when the action has ended: where the subscription begins, or what it has missed.
  /// Answers the request if its reply says something of that.
  /// @returns the reply that is left to be sent
  [[nodiscard]] task<std::optional<response>> answer(const request& req, live_request& x,
                                                     std::optional<response> reply);

  /// Ends what the request has begun, which failed.
  void abandon(const live_request& x) { live_->abandon(x); }

private:
  task<> resume(const request& req, live_request& x, const std::optional<response>& reply);
  void send_reply(const request& req, live_request& x, const std::optional<response>& reply);
  void note_load(const live_request& x);

  session_context* context_;
  consumer_session* session_;
  live_subscriptions* live_;
  live_sender* sender_;
};

} // namespace dcrf
