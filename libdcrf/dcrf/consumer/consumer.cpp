#include "dcrf/consumer/consumer.hpp"

#include "dcrf/consumer/driver.hpp"

#include <algorithm>

namespace dcrf {

const action_descriptor* consumer_descriptor::find(std::string_view action) const noexcept {
  auto found = std::ranges::find(actions, action, &action_descriptor::name);
  return found == actions.end() ? nullptr : &*found;
}

consumer::~consumer() = default;

task<> consumer::received(const group_message& message) {
  send(message.body);
  return {};
}

task<> consumer::missed(const group_message& message, const std::vector<std::string>& request_ids) {
  for (const auto& id : request_ids) {
    reply(id, R"("missed")", response{message.body, 205});
  }
  return {};
}

std::optional<json_text> consumer::action_name(const request& req) const {
  if (!req.body().find("action")) {
    return std::nullopt;
  }
  return json_text::trusted(req.action_text());
}

const scope& consumer::scope() const noexcept { return driver_->scope(); }

const runtime& consumer::runtime() const noexcept { return driver_->runtime(); }

task<> consumer::drain() { return driver_->drain(); }

void consumer::reply(const request& req, const response& x) {
  reply(req.id(), req.action_text(), x);
}

void consumer::reply(std::string_view request_id, std::string_view action, const response& x) {
  driver_->send(envelope("[]", x.data.str(), action, x.status, request_id));
}

void consumer::reply(const std::vector<std::string>& request_ids,
                     const std::shared_ptr<const std::string>& head) {
  for (const auto& id : request_ids) {
    driver_->send(head, id + '}');
  }
}

void consumer::send(const json_text& frame) { driver_->send(frame.str()); }

void consumer::close(std::uint16_t code) { driver_->close(code); }

void consumer::cancel(std::string_view action) { driver_->cancel(action); }

std::span<const linked_stream> consumer::streams() const noexcept { return driver_->streams(); }

void consumer::let_next_start() { driver_->let_next_start(); }

void consumer::spawn(task<> work) { driver_->spawn(std::move(work)); }

task<> consumer::group_add(std::string name) {
  return driver_->subscriptions_.add({.key = std::move(name)}, std::nullopt);
}

void consumer::group_discard(const std::string& name) {
  driver_->subscriptions_.remove({.key = name}, std::nullopt);
}

task<> consumer::subscribe(const observer_descriptor& observer, std::string key,
                           std::optional<std::string> request_id) {
  return driver_->subscriptions_.add({.observer = &observer, .key = std::move(key)},
                                     std::move(request_id));
}

void consumer::unsubscribe(const observer_descriptor& observer, std::string key,
                           const std::optional<std::string>& request_id) {
  driver_->subscriptions_.remove({.observer = &observer, .key = std::move(key)}, request_id);
}

} // namespace dcrf
