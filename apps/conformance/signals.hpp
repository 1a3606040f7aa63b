#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/observer/signal.hpp"

#include <optional>
#include <string>
#include <vector>

namespace conformance {

/// Something that the control endpoint has announced.
struct announcement : dcrf::signal {
  dcrf::json_text value;
  /// Any JSON value; null for none.
  dcrf::json_text channel;
  std::string sender;
};

/// Something that is kept with the transaction that it was sent in.
// [durable]
struct durable_note : dcrf::durable_signal {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(durable_note, (), (text))
// [durable]

/// Tells its client what is announced, by the observers that it subscribes to.
class signal_consumer : public dcrf::api_consumer<signal_consumer> {
public:
  struct bare : dcrf::signal_observer<announcement> {};

  struct full : dcrf::signal_observer<announcement> {
    static dcrf::json_text body(const announcement& x);
  };

  /// Only of the sender `royal`.
  struct royal : dcrf::signal_observer<announcement> {
    static std::vector<std::string> groups_for(const announcement& x);
    static dcrf::json_text body(const announcement& x);
  };

  struct by_channel : dcrf::signal_observer<announcement> {
    static std::vector<std::string> groups_for(const announcement& x);
    static dcrf::json_text body(const announcement& x);
  };

  struct durable : dcrf::signal_observer<durable_note> {
    static constexpr std::string_view action = "durable";
    static dcrf::json_text body(const durable_note& x);
  };

  enum class observers { bare, full, royal, by_channel };
  BOOST_DESCRIBE_NESTED_ENUM(observers, bare, full, royal, by_channel)

  struct subscription {
    observers observer;
    std::optional<dcrf::json_text> channel;
    BOOST_DESCRIBE_CLASS(subscription, (), (observer, channel), (), ())
  };

  dcrf::task<dcrf::response> subscribe_to(subscription args, dcrf::request& req);
  dcrf::response unsubscribe_from(subscription args, dcrf::request& req);

  dcrf::task<dcrf::response> subscribe_durable(dcrf::request& req);
  /// Sends a durable signal, and makes an entry of that name.
  dcrf::task<dcrf::response> send_durable(std::string text, std::optional<bool> fail);

  using actions =
      dcrf::actions<dcrf::action<"subscribe", &signal_consumer::subscribe_to>,
                    dcrf::action<"unsubscribe", &signal_consumer::unsubscribe_from>,
                    dcrf::action<&signal_consumer::subscribe_durable>,
                    dcrf::atomic_action<&signal_consumer::send_durable, "text", "fail">>;
};

} // namespace conformance
