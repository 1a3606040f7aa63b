#include <cstdio>

#include "clock.hpp"
#include "errors.hpp"
#include "histogram.hpp"
#include "options.hpp"
#include "received_events.hpp"
#include "reply_head.hpp"
#include "report.hpp"
#include "requests.hpp"
#include "scenarios.hpp"

namespace load {

namespace {

using namespace std::chrono_literals;

class listen : public scenario {
public:
  void on_open(connection& client) override { send_request(client, subscribe_, now()); }

  void on_closed(connection&) override { errors.unexpected_close += is_running_ ? 1 : 0; }

  void on_message(connection& client, std::string_view message, std::uint64_t time) override {
    if (client.step == client_step::working) {
      on_event(client, message, time);
    } else if (match_reply(client, message, settings.subscribe_status, false)) {
      client.step = client_step::working;
      ++subscribed_;
    }
  }

  int run() override {
    const auto deadline = now() + nanoseconds(settings.timeout);
    auto all = make_connections(std::size_t(settings.subscribers));
    received_.resize(all.size());
    if (clients().open_all(all, deadline)) {
      step_until(deadline, [&] { return subscribed_ == all.size(); });
    }
    if (subscribed_ == all.size()) {
      json_line line;
      line.integer("subscribed", std::int64_t(subscribed_));
      say(line);
      step_until(deadline, [this] { return complete_ == settings.count; });
    }
    const bool is_late = now() > deadline;
    const auto end = now() + nanoseconds(0.2);
    step_until(end, [] { return false; }); // for what comes twice
    is_running_ = false;
    for (auto& each : all) {
      clients().close(*each);
    }
    auto result = begin_result();
    result.integer("subs", settings.subscribers);
    result.integer("events", std::int64_t(complete_));
    result.integer("deliveries", std::int64_t(deliveries_));
    result.integer("bad_events", std::int64_t(bad_events_));
    return end_result(result, settings.count * all.size() - deliveries_, is_late, bad_events_ > 0);
  }

private:
  template <class Condition>
  void step_until(std::uint64_t deadline, Condition holds) {
    while (!holds() && now() < deadline && errors.unexpected_close == 0) {
      clients().step(20ms);
    }
  }

  void on_event(connection& client, std::string_view message, std::uint64_t time) {
    const auto mark = find_mark(message);
    const bool is_own = !settings.check_event_id || read_head(message).id == client.first_id();
    if (!mark.found || mark.sequence > complete_ || !is_own) {
      show("event", message);
      ++bad_events_;
      return;
    }
    if (!received_[client.index].add(mark.sequence)) {
      return;
    }
    ++deliveries_;
    latency_.add(time - mark.time);
    if (deliveries_ == (complete_ + 1) * received_.size()) {
      ++complete_;
      json_line line;
      line.integer("event", std::int64_t(mark.sequence));
      line.percentiles("latency_us", latency_);
      say(line);
      latency_ = {};
    }
  }

  // Whoever publishes waits for this.
  static void say(const json_line& line) {
    std::puts(line.text().c_str());
    std::fflush(stdout);
  }

  message_template subscribe_{settings.subscribe_template};
  std::vector<received_events> received_;
  histogram latency_;
  std::uint64_t subscribed_ = 0;
  std::uint64_t complete_ = 0;
  std::uint64_t deliveries_ = 0;
  std::uint64_t bad_events_ = 0;
  bool is_running_ = true;
};

} // namespace

std::unique_ptr<scenario> make_listen() { return std::make_unique<listen>(); }

} // namespace load
