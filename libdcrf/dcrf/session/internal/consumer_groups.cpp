#include "dcrf/session/internal/consumer_groups.hpp"

#include <utility>

namespace dcrf {

consumer_groups::consumer_groups(session_context& context, const runtime& within, consumer& subject,
                                 consumer_session& session, group_member& member)
    : context_(&context),
      session_(&session),
      joined_(context, member),
      live_(context, member, joined_),
      live_sender_(context, subject, session),
      live_events_(context, within, live_, live_sender_),
      lists_(context, within, session, member),
      events_(context, within, subject, joined_) {}

// -- memberships ----------------------------------------------------------------------------------

task<> consumer_groups::join(group_name group, std::optional<std::string> request_id,
                             coroutine_run* by, std::shared_ptr<const kept_request> kept) {
  std::shared_ptr<live_subscription> live;
  if (group.observer != nullptr && by != nullptr && by->live
      && request_id == by->req->optional_id()) {
    live = live_.subscribe(*by->live, group, request_id);
  } else if (request_id && !live_.empty()) {
    live_.subscribe_plainly(*request_id);
  }
  return joined_.add(std::move(group), std::move(request_id), std::move(live), std::move(kept));
}

void consumer_groups::leave(const group_name& group, const std::optional<std::string>& request_id) {
  joined_.remove(group, request_id);
  if (!live_.empty()) {
    live_.left(group, request_id);
  }
}

task<> consumer_groups::watch(const request& req, watched_list x, coroutine_run* by) {
  return lists_.watch(req, std::move(x), by != nullptr ? by->live.get() : nullptr);
}

// -- messages -------------------------------------------------------------------------------------

consumer_groups::reception consumer_groups::take(const group_message_ptr& message, bool may_tell) {
  if (is_of_list(*message)) {
    bool is_told = may_tell && lists_.tell(message);
    return {.waits = !is_told, .may_be_behind = is_told};
  }
  const auto* to = live_.empty() ? nullptr : joined_.find(message->target);
  bool is_live = to != nullptr && to->is_live();
  if (is_live && !message->is_loss && live_delivery::drops(*to)) {
    return {.may_be_behind = true};
  }
  if (!may_tell || !events_.send_on(message)) {
    return {.waits = true, .is_live = is_live};
  }
  if (is_live) {
    live_events_.take(*to, message);
  }
  return {.is_live = is_live};
}

task<> consumer_groups::tell(group_message_ptr message) {
  if (is_of_list(*message)) {
    return lists_.tell(message) ? task<>{} : lists_.tell_in_turns(std::move(message));
  }
  if (const auto* to = live_.empty() ? nullptr : joined_.find(message->target)) {
    live_events_.take(*to, message);
    if (to->is_only_live()) {
      return {};
    }
  }
  return events_.send_on(message) ? task<>{} : events_.deliver(std::move(message));
}

task<> consumer_groups::tell(const commit_mark& x) {
  return live_events_.end_commit(x.position) ? task<>{} : live_events_.tell(x.position);
}

void consumer_groups::tell(const position_tick& x) {
  live_events_.reach(x);
  lists_.reach(x);
}

void consumer_groups::fall_behind() {
  live_events_.fall_behind();
  lists_.fall_behind();
}

bool consumer_groups::drops(const group_message& x) const {
  if (is_of_list(x)) {
    return true;
  }
  const auto* to = joined_.find(x.target);
  return to != nullptr && !x.is_loss && live_delivery::drops(*to);
}

task<> consumer_groups::catch_up() {
  if (!live_.empty() && live_.has_behind()) {
    return live_events_.catch_up();
  }
  return lists_.has_behind() ? lists_.catch_up() : task<>{};
}

// -- the end --------------------------------------------------------------------------------------

void consumer_groups::stop() {
  live_.clear();
  lists_.clear();
}

void consumer_groups::clear() {
  stop();
  joined_.clear();
}

} // namespace dcrf
