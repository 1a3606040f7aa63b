#include "dcrf/consumer/consumer.hpp"

#include "dcrf/runtime/session_budget.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>

namespace dcrf {

const action_descriptor* consumer_descriptor::find(std::string_view action) const noexcept {
  auto found = std::ranges::find(actions, action, &action_descriptor::name);
  return found == actions.end() ? nullptr : &*found;
}

consumer::~consumer() = default;

task<> consumer::received(const group_message& message) {
  session().send(std::string{message.text ? message.text->body() : "null"});
  return {};
}

task<> consumer::received_bytes(std::string) { throw parse_error("Frames must be text."); }

task<> consumer::received_text(std::string) { throw parse_error("Frames must be requests."); }

task<> consumer::missed(const group_message& message, const std::vector<std::string>& request_ids) {
  response notice{message.body(), 205};
  std::size_t sent = 0;
  for (const auto& id : request_ids) {
    if (++sent % request_ids_per_turn == 0) {
      co_await runtime().sleep(std::chrono::milliseconds{0});
      co_await drain();
    }
    reply(id, R"("missed")", notice);
  }
}

std::optional<json_text> consumer::action_name(const request& req) const {
  if (!req.body().find("action")) {
    return std::nullopt;
  }
  return json_text::trusted(req.action_text());
}

// What nobody has allowed is not even looked up.
task<> consumer::prepare(request& req) {
  const auto& asked = descriptor();
  request_answers answers{.is_allowed = true};
  if (asked.ask_request != nullptr) {
    answers.is_allowed = co_await asked.ask_request(req, runtime());
  }
  if (asked.awaits_rows && answers.is_allowed) {
    answers.rows = co_await choose_rows(req);
  }
  req.answers(std::move(answers));
}

task<bool> consumer::may_stay_in(const group_name&) { co_return true; }

consumer_session& consumer::session() const {
  if (session_ == nullptr) {
    throw std::logic_error("dcrf: a consumer has no session in its constructor: use connected()");
  }
  return *session_;
}

const scope& consumer::scope() const { return session().scope(); }

const runtime& consumer::runtime() const { return session().runtime(); }

task<> consumer::drain() { return session().drain(); }

void consumer::reply(const request& req, const response& x) {
  reply(req.id(), req.action_text(), x);
}

void consumer::reply(std::string_view request_id, std::string_view action, const response& x) {
  session().send(envelope("[]", x.data.str(), action, x.status, request_id));
}

task<> consumer::send_event(const std::vector<std::string>& request_ids,
                            std::shared_ptr<const std::string> head) {
  if (request_ids.size() > request_ids_per_turn) {
    return send_in_turns(request_ids, std::move(head));
  }
  for (const auto& id : request_ids) {
    session().send(head, id + '}');
  }
  return {};
}

task<> consumer::send_in_turns(const std::vector<std::string>& request_ids,
                               std::shared_ptr<const std::string> head) {
  std::size_t sent = 0;
  for (const auto& id : request_ids) {
    if (++sent % request_ids_per_turn == 0) {
      co_await runtime().sleep(std::chrono::milliseconds{0});
      co_await drain();
    }
    session().send(head, id + '}');
  }
}

void consumer::send(const json_text& frame) { session().send(frame.str()); }

void consumer::send_text(std::string text) { session().send(std::move(text)); }

void consumer::send_bytes(std::string bytes) { session().send_bytes(std::move(bytes)); }

void consumer::close(std::uint16_t code) { session().close(code); }

void consumer::reject(std::uint16_t code) {
  if (code < 4000 || code > 4999) {
    throw std::invalid_argument("dcrf: a client is rejected with a code from 4000 to 4999");
  }
  session().reject(code);
}

void consumer::choose_subprotocol(std::string_view name) {
  if (auto offered = scope().subprotocols(); std::ranges::find(offered, name) == offered.end()) {
    throw std::invalid_argument("dcrf: the client does not offer this subprotocol");
  }
  session().choose_subprotocol(std::string{name});
}

void consumer::cancel(std::string_view action) { session().cancel(action); }

std::span<const linked_stream> consumer::streams() const { return session().streams(); }

task<> consumer::watch(const request& req, watched_list x) {
  return session().watch(req, std::move(x));
}

void consumer::unwatch(const std::optional<std::string>& request_id) {
  session().unwatch(request_id);
}

void consumer::allow_pipelining() { session().allow_pipelining(); }

void consumer::spawn(task<> work) { session().spawn(std::move(work)); }

task<> consumer::group_add(std::string name) {
  return session().join({.key = std::move(name)}, std::nullopt);
}

void consumer::group_discard(const std::string& name) {
  session().leave({.key = name}, std::nullopt);
}

task<> consumer::join_user_group() {
  if (user().is_authenticated()) {
    co_await group_add(user_group(user().pk));
  }
}

task<> consumer::subscribe(const observer_descriptor& observer, std::string key,
                           std::optional<std::string> request_id) {
  return session().join({.observer = &observer, .key = std::move(key)}, std::move(request_id));
}

void consumer::unsubscribe(const observer_descriptor& observer, std::string key,
                           const std::optional<std::string>& request_id) {
  session().leave({.observer = &observer, .key = std::move(key)}, request_id);
}

} // namespace dcrf
