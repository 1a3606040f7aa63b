#include "dcrf/session/internal/request_dispatch.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/validation_error.hpp"
#include "dcrf/session/internal/once_request.hpp"
#include "dcrf/session/internal/request_log.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace dcrf {

namespace {

// A request that was refused before its action was called, in its place among the others.
task<> refused(std::exception_ptr reason) {
  std::rethrow_exception(reason);
  co_return;
}

} // namespace

parsed_request request_dispatch::parse(received_frame x) const {
  parsed_request result{.req = std::make_unique<request>(session_->scope(), context_->reader())};
  auto& req = *result.req;
  if (!x.is_text || (consumer_->descriptor().takes_texts && !x.is_multiplexed)) {
    result.message = std::move(x);
    return result;
  }
  try {
    req.parse(std::move(x.payload), x.is_multiplexed ? "payload" : "");
    auto name = consumer_->action_name(req);
    if (!name) {
      req.action_value({});
      throw api_exception(405, "Unable to find action in message body.");
    }
    if (name->str() != req.action_text()) {
      req.action_value(*name);
    }
    if (req.names_action()) {
      result.action = consumer_->descriptor().find(req.action());
    }
  } catch (...) {
    result.error = std::current_exception();
  }
  return result;
}

coroutine_run request_dispatch::call(parsed_request x) {
  auto& req = *x.req;
  coroutine_run result{.req = std::move(x.req)};
  try {
    if (x.error) {
      std::rethrow_exception(x.error);
    }
    if (login_ != nullptr && x.action == nullptr && !x.message && login_->takes(req)) {
      check_throttles();
      result.call = login_->renew(req);
      return result;
    }
    if (login_ != nullptr && login_->is_missing()) {
      throw not_authenticated();
    }
    if (x.message) {
      result.call = call_message(*std::move(x.message));
      return result;
    }
    bool awaits = consumer_->descriptor().awaits();
    if (!awaits) {
      check(req, x.action);
    }
    if (x.action != nullptr && x.action->is_detached) {
      // The frame, and the arguments that were read from it.
      result.held = context_->budget().begin_run(2 * req.size());
      result.is_detached = true;
    }
    if (req.has_live() && x.action != nullptr && !x.action->takes_live) {
      result.live = std::make_unique<live_request>(req);
    }
    if (awaits) {
      result.call = call_asking(req, x.action, result.live.get());
    } else if (result.live) {
      result.call = call_live(req, *x.action, *result.live);
    } else {
      result.call = call_action(req, *x.action);
    }
  } catch (...) {
    result.call = action_call{refused(std::current_exception())};
  }
  return result;
}

// What is asked of every request.
void request_dispatch::check(const request& req, const action_descriptor* action) {
  if (!consumer_->descriptor().has_permission(req)) {
    throw permission_denied();
  }
  check_throttles();
  if (action == nullptr) {
    throw method_not_allowed(req.action());
  }
}

task<std::optional<response>>
request_dispatch::call_asking(request& req, const action_descriptor* action, live_request* live) {
  co_await consumer_->prepare(req);
  check(req, action);
  if (live != nullptr) {
    co_return co_await call_live(req, *action, *live);
  }
  auto running = call_action(req, *action);
  co_return co_await running;
}

// A consumer that takes no such messages says so before they are counted.
action_call request_dispatch::call_message(received_frame x) {
  auto handling = x.is_text ? consumer_->received_text(std::move(x.payload))
                            : consumer_->received_bytes(std::move(x.payload));
  check_throttles();
  return handling;
}

// Each throttle counts the request, whatever the others say, and the longest wait is told.
void request_dispatch::check_throttles() {
  std::optional<std::chrono::seconds> wait;
  for (const auto& x : consumer_->descriptor().throttles) {
    auto subject = throttled_subject(x, session_->scope());
    if (!subject) {
      continue;
    }
    bool is_own = x.of == throttle_descriptor::subject::connection;
    if (is_own && !history_) {
      history_ = std::make_unique<throttle_history>();
    }
    auto& history = is_own ? *history_ : context_->throttling();
    wait = std::max(wait, history.count(x, *subject, context_->now()));
  }
  if (wait) {
    throw throttled(wait);
  }
}

action_call request_dispatch::call_action(request& req, const action_descriptor& action) {
  if (req.has_once() && !action.takes_once) {
    return call_once(req, action);
  }
  if (action.is_atomic) {
    return call_atomic(req, action);
  }
  return action.call(*consumer_, req);
}

task<std::optional<response>>
request_dispatch::call_live(request& req, const action_descriptor& action, live_request& live) {
  std::exception_ptr error;
  std::optional<response> result;
  try {
    live_.check(live);
    if (action.is_detached && live.notes.wants_cut) {
      throw validation_error("live", "What is sent in parts is read at several positions.");
    }
    auto running = call_action(req, action);
    result = co_await running;
    result = co_await live_.answer(req, live, std::move(result));
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    live_.abandon(live);
    std::rethrow_exception(error);
  }
  co_return result;
}

task<std::optional<response>> request_dispatch::call_once(request& req,
                                                          const action_descriptor& action) {
  auto claim = claim_of(req, action, context_->reader());
  auto body = [this, &req, &action]() -> task<std::string> {
    auto running = action.call(*consumer_, req);
    co_return kept_text(co_await running);
  };
  auto reply = co_await session_->runtime().once(std::move(claim), body);
  co_return kept_response(reply);
}

task<std::optional<response>> request_dispatch::call_atomic(request& req,
                                                            const action_descriptor& action) {
  std::optional<response> result;
  auto body = [this, &req, &action, &result]() -> task<> {
    result = co_await action.call(*consumer_, req);
  };
  co_await session_->runtime().atomic(body);
  co_return result;
}

// -- replies --------------------------------------------------------------------------------------

void request_dispatch::answer(const coroutine_run& x, const std::optional<response>& result,
                              const std::exception_ptr& error) {
  if (error) {
    fail(*x.req, error);
  } else if (result) {
    consumer_->reply(*x.req, *result);
  }
  if (x.started != decltype(x.started){}) {
    log(x, result, error);
  }
}

void request_dispatch::fail(const request& req, const std::exception_ptr& error) {
  auto report = report_of(error);
  if (report.status() >= 500) {
    context_->log_failure(subject_of(req, consumer_->descriptor().name), error);
  }
  session_->send(
      envelope(report.list().str(), "null", req.action_text(), report.status(), req.id()));
}

void request_dispatch::log(const coroutine_run& x, const std::optional<response>& result,
                           const std::exception_ptr& error) {
  auto answered = x.live ? static_cast<unsigned>(x.live->status) : 0;
  auto replied = result ? static_cast<unsigned>(result->status) : answered;
  context_->log_request(request_line(*x.req, consumer_->descriptor().name,
                                     error ? report_of(error).status() : replied,
                                     std::chrono::steady_clock::now() - x.started));
}

} // namespace dcrf
