#include "dcrf/session/internal/live_replies.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/protocol/internal/live_member.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <utility>

namespace dcrf {

void live_replies::check(const live_request& x) const {
  if (!context_->position()) {
    throw api_exception(501, "The database of this server keeps no feed, which live needs.");
  }
  if (x.of && !live_->find(*x.of)) {
    throw validation_error("live", "`of` is the request id of a live subscription.");
  }
}

task<std::optional<response>> live_replies::answer(const request& req, live_request& x,
                                                   std::optional<response> reply) {
  x.at = x.notes.cut;
  if (x.of) {
    note_load(x);
  }
  if (x.subscribed && !x.subscribed->is_ended && x.since) {
    co_await resume(req, x, reply);
    co_return std::nullopt;
  }
  if (x.subscribed && !x.subscribed->is_ended) {
    x.subscribed->reached = context_->position();
    x.at = x.subscribed->reached;
  }
  if (x.answer().empty()) {
    co_return reply;
  }
  send_reply(req, x, reply);
  co_return std::nullopt;
}

void live_replies::note_load(const live_request& x) {
  auto to = live_->find(*x.of);
  if (to && to->is_open() && x.at && x.at->order > to->reached->order) {
    to->reached = x.at;
    if (!to->whole.empty() && to->whole.front()->live->position->order <= x.at->order) {
      to->whole.clear();
    }
  }
}

void live_replies::send_reply(const request& req, live_request& x,
                              const std::optional<response>& reply) {
  if (reply) {
    x.status = reply->status;
    auto head = envelope_head("[]", reply->data.str(), req.action_text(), reply->status);
    session_->send(head + req.id() + internal::live_tail(x.answer()));
  } else if (x.subscribed) {
    sender_->send_position(*x.subscribed, x.answer());
  }
}

task<> live_replies::resume(const request& req, live_request& x,
                            const std::optional<response>& reply) {
  auto to = x.subscribed;
  co_await sender_->prepare();
  auto question = sender_->question_of(*to);
  question.since = *x.since;
  auto found = co_await sender_->ask(std::move(question));
  if (!found || found->result == replay::outcome::failed) {
    throw service_unavailable();
  }
  if (to->is_ended) {
    co_return;
  }
  x.resumed = found->result;
  auto told = sender_->changes_of(*found);
  x.has_more = !told.empty();
  x.at = found->cut;
  if (told.empty()) {
    to->reached = found->cut;
  }
  send_reply(req, x, reply);
  if (!told.empty()) {
    co_await sender_->send_whole(to, std::move(told), found->cut);
  }
}

} // namespace dcrf
