#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/session/internal/consumer_groups.hpp"
#include "dcrf/session/internal/kept_request.hpp"
#include "dcrf/session/internal/request_dispatch.hpp"
#include "dcrf/session/internal/runs.hpp"
#include "dcrf/session/internal/subscriptions.hpp"

#include <memory>

namespace dcrf {

/// Asks the permissions again about what the requests of one client have subscribed to, and ends
/// what they allow no more.
class subscription_rights {
public:
  /// @param within, subject, session, joined, dispatch outlive this
  subscription_rights(const runtime& within, consumer& subject, consumer_session& session,
                      consumer_groups& joined, const request_dispatch& dispatch)
      : runtime_(&within),
        consumer_(&subject),
        session_(&session),
        joined_(&joined),
        dispatch_(&dispatch) {}

  /// What is kept of the request that a run answers, to ask about it later. The groups that one
  /// request joins share it.
  /// @param x null if there is none
  /// @returns null if there is nothing to be asked
  [[nodiscard]] std::shared_ptr<const kept_request> kept_of(const coroutine_run* x);

  /// Asks about all, and once more about what has begun meanwhile. The client is told of what ends.
  [[nodiscard]] task<> check();

private:
  task<> check_now();
  void end_lists();
  task<bool> may_go_on(const subscriptions::kept& x);
  [[nodiscard]] parsed_request asked_by(const kept_request& x) const;

  const runtime* runtime_;
  consumer* consumer_;
  consumer_session* session_;
  consumer_groups* joined_;
  const request_dispatch* dispatch_;
  // That of the run that has subscribed last.
  std::shared_ptr<const kept_request> last_kept_;
};

} // namespace dcrf
