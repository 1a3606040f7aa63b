#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/consumer/throttling.hpp"
#include "dcrf/session/internal/live_replies.hpp"
#include "dcrf/session/internal/login.hpp"
#include "dcrf/session/internal/mailbox.hpp"
#include "dcrf/session/internal/runs.hpp"

#include <exception>
#include <memory>
#include <optional>

namespace dcrf {

/// A request whose frame was parsed, or a message that is none.
struct parsed_request {
  std::unique_ptr<request> req;
  std::optional<received_frame> message{};
  /// Null if the consumer has none of that name.
  const action_descriptor* action = nullptr;
  /// What is wrong with the frame.
  std::exception_ptr error{};
};

/// Makes a run of a frame: parses it, asks the permissions and the throttles, and calls the action.
class request_dispatch {
public:
  /// @param context, session, subject outlive the dispatch
  request_dispatch(session_context& context, consumer_session& session, consumer& subject,
                   live_replies live)
      : context_(&context), session_(&session), consumer_(&subject), live_(live) {}

  /// From now on clients may bring tokens.
  /// @param x outlives the dispatch
  void follow(login* x) noexcept { login_ = x; }

  [[nodiscard]] parsed_request parse(received_frame x) const;

  /// The run that answers the request; one that fails if the request is refused.
  [[nodiscard]] coroutine_run call(parsed_request x);

  /// Answers the request of a run that has ended.
  /// @param result nothing if the run has answered by itself, or failed
  /// @param error null unless it has failed
  void answer(const coroutine_run& x, const std::optional<response>& result,
              const std::exception_ptr& error);

private:
  void fail(const request& req, const std::exception_ptr& error);
  void log(const coroutine_run& x, const std::optional<response>& result,
           const std::exception_ptr& error);
  void check_throttles();
  action_call call_message(received_frame x);
  action_call call_action(request& req, const action_descriptor& action);
  void check(const request& req, const action_descriptor* action);
  task<std::optional<response>> call_asking(request& req, const action_descriptor* action,
                                            live_request* live);
  task<std::optional<response>> call_atomic(request& req, const action_descriptor& action);
  task<std::optional<response>> call_once(request& req, const action_descriptor& action);
  task<std::optional<response>> call_live(request& req, const action_descriptor& action,
                                          live_request& live);

  session_context* context_;
  consumer_session* session_;
  consumer* consumer_;
  live_replies live_;
  // Null if nobody watches over the user.
  login* login_ = nullptr;
  // Made when the first request is throttled by connection.
  std::unique_ptr<throttle_history> history_;
};

} // namespace dcrf
