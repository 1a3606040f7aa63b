#include "dcrf/session/internal/subscription_rights.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/protocol/response.hpp"

#include <chrono>
#include <utility>

namespace dcrf {

namespace {

// Within which a request ends that was allowed before that was asked again.
constexpr std::chrono::seconds between_checks{1};

} // namespace

std::shared_ptr<const kept_request> subscription_rights::kept_of(const coroutine_run* x) {
  if (x == nullptr || !x->req || !consumer_->descriptor().may_refuse) {
    return nullptr;
  }
  const auto& req = *x->req;
  if (!last_kept_ || last_kept_->frame != req.frame()) {
    last_kept_ = std::make_shared<const kept_request>(
        kept_request{.frame = req.frame(), .is_multiplexed = !req.member().empty()});
  }
  return last_kept_;
}

task<> subscription_rights::check() {
  co_await check_now();
  // What was let through before may have subscribed since.
  co_await runtime_->sleep(between_checks);
  co_await check_now();
}

task<> subscription_rights::check_now() {
  end_lists();
  for (const auto& x : joined_->kept()) {
    bool goes_on = co_await may_go_on(x);
    if (goes_on) {
      continue;
    }
    for (const auto& group : x.groups) {
      joined_->leave(group, x.request_id);
    }
    auto asked = asked_by(*x.by);
    permission_denied refused;
    session_->send(envelope(error_report(refused.status(), refused.text()).list().str(), "null",
                            asked.req->action_text(), refused.status(), asked.req->id()));
  }
}

task<bool> subscription_rights::may_go_on(const subscriptions::kept& x) {
  auto asked = asked_by(*x.by);
  auto& req = *asked.req;
  if (consumer_->descriptor().awaits()) {
    co_await consumer_->prepare(req);
  }
  if (!consumer_->descriptor().has_permission(req)) {
    co_return false;
  }
  bool goes_on = co_await consumer_->may_stay_subscribed(req);
  for (const auto& group : x.groups) {
    if (goes_on) {
      goes_on = co_await consumer_->may_stay_in(group);
    }
  }
  co_return goes_on;
}

parsed_request subscription_rights::asked_by(const kept_request& x) const {
  return dispatch_->parse({.payload = x.frame, .is_multiplexed = x.is_multiplexed});
}

// The rows of a list were chosen as the user's rights were: who may still watch it subscribes
// again.
void subscription_rights::end_lists() {
  permission_denied refused{"What you may see has changed, subscribe again."};
  joined_->end_lists(error_report(refused.status(), refused.text()).list().str(), refused.status());
}

} // namespace dcrf
