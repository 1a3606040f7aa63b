#include "conformance/signals.hpp"

#include "dcrf/protocol/errors.hpp"

#include <nlohmann/json.hpp>

#include "conformance/models.hpp"

namespace conformance {

namespace {

dcrf::json_text value_body(const announcement& x) {
  return dcrf::json{{"value", x.value.to_json()}};
}

dcrf::group_name group_of(const signal_consumer::subscription& x) {
  using observers = signal_consumer::observers;
  switch (x.observer) {
  case observers::bare:
    return {&dcrf::observer_of<signal_consumer::bare>(), {}};
  case observers::full:
    return {&dcrf::observer_of<signal_consumer::full>(), {}};
  case observers::royal:
    return {&dcrf::observer_of<signal_consumer::royal>(), {}};
  case observers::by_channel:
    break;
  }
  auto channel = x.channel.value_or(dcrf::json_text{});
  return {&dcrf::observer_of<signal_consumer::by_channel>(), channel.str()};
}

} // namespace

dcrf::json_text signal_consumer::full::body(const announcement& x) {
  return dcrf::json{{"value", x.value.to_json()}, {"channel", x.channel.to_json()}};
}

std::vector<std::string> signal_consumer::royal::groups_for(const announcement& x) {
  return x.sender == "royal" ? std::vector{std::string{}} : std::vector<std::string>{};
}

dcrf::json_text signal_consumer::royal::body(const announcement& x) { return value_body(x); }

std::vector<std::string> signal_consumer::by_channel::groups_for(const announcement& x) {
  return {x.channel.str()};
}

dcrf::json_text signal_consumer::by_channel::body(const announcement& x) { return value_body(x); }

dcrf::task<dcrf::response> signal_consumer::subscribe_to(subscription args, dcrf::request& req) {
  auto group = group_of(args);
  co_await subscribe(*group.observer, group.key, req.optional_id());
  co_return dcrf::response::created();
}

dcrf::response signal_consumer::unsubscribe_from(subscription args, dcrf::request& req) {
  auto group = group_of(args);
  unsubscribe(*group.observer, group.key, req.optional_id());
  return dcrf::response::no_content();
}

// -- a durable one --------------------------------------------------------------------------------

dcrf::json_text signal_consumer::durable::body(const durable_note& x) {
  return dcrf::json{{"text", x.text}};
}

dcrf::task<dcrf::response> signal_consumer::subscribe_durable(dcrf::request& req) {
  co_await subscribe<durable>(req);
  co_return dcrf::response::created();
}

// [sent]
dcrf::task<dcrf::response> signal_consumer::send_durable(std::string text,
                                                         std::optional<bool> fail) {
  entry made{.name = text};
  co_await repository<entry>().create(made);
  durable_note sent;
  sent.text = text;
  co_await dcrf::send_durable(runtime(), sent);
  if (fail.value_or(false)) {
    throw dcrf::api_exception(400, "It was rolled back.");
  }
  co_return dcrf::response::ok();
}
// [sent]

} // namespace conformance
