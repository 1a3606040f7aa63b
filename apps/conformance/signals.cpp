#include "conformance/signals.hpp"

#include <nlohmann/json.hpp>

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

} // namespace conformance
