#include <algorithm>

#include "clock.hpp"
#include "errors.hpp"
#include "histogram.hpp"
#include "options.hpp"
#include "report.hpp"
#include "requests.hpp"
#include "scenarios.hpp"

namespace load {

namespace {

using namespace std::chrono_literals;

class actions : public scenario {
public:
  void on_open(connection&) override {}

  void on_closed(connection& client) override {
    errors.unexpected_close += is_running_ && client.open_requests() > 0 ? 1 : 0;
  }

  void on_message(connection& client, std::string_view message, std::uint64_t time) override {
    if (settings.is_socket_io() && message.starts_with("42")) { // an event, which isn't ours
      return;
    }
    auto sent = match_reply(client, message, settings.status, true);
    if (!sent) {
      return;
    }
    ++answered_;
    if (meter_.has_begun()) {
      ++measured_;
      latency_.add(time - *sent);
    } else if (answered_ >= settings.warmup) {
      meter_.begin();
    }
    send_to(client, time);
  }

  int run() override {
    auto all = make_connections(std::size_t(settings.connections));
    const auto deadline = now() + nanoseconds(settings.timeout);
    const bool is_up = clients().open_all(all, deadline);
    if (is_up) {
      work(all, deadline);
    }
    meter_.end();
    is_running_ = false;
    const bool is_late = now() > deadline || !is_up;
    for (auto& each : all) {
      clients().close(*each);
    }
    auto result = begin_result();
    result.integer("conns", settings.connections);
    result.integer("depth", settings.depth);
    meter_.report(result, "request", "requests", measured_);
    result.percentiles("latency_us", latency_);
    result.number(
        "rx_bytes_per_request",
        double(clients().received_bytes()) / double(std::max<std::uint64_t>(1, answered_)), 1);
    return end_result(result, sent_ - answered_, is_late, measured_ == 0);
  }

private:
  void work(connections& all, std::uint64_t deadline) {
    is_running_ = true;
    if (settings.warmup == 0) {
      meter_.begin();
    }
    const auto begun = now();
    for (auto& each : all) {
      send_to(*each, begun);
    }
    clients().flush_all();
    while ((sent_ < limit_ && !is_over_) || answered_ < sent_) {
      const auto time = now();
      if (time > deadline || errors.unexpected_close > 0 || errors.protocol_errors > 0) {
        break;
      }
      is_over_ = is_over_
                 || (meter_.has_begun() && time - meter_.begun() > nanoseconds(settings.duration));
      clients().step(50ms);
    }
  }

  void send_to(connection& client, std::uint64_t time) {
    while (!is_over_ && sent_ < limit_ && client.open_requests() < std::uint64_t(settings.depth)) {
      ++sent_;
      send_request(client, request_, time);
    }
  }

  message_template request_{settings.request_template};
  histogram latency_;
  meter meter_;
  const std::uint64_t limit_ = settings.warmup + settings.count;
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t measured_ = 0;
  bool is_running_ = false;
  bool is_over_ = false;
};

} // namespace

std::unique_ptr<scenario> make_actions() { return std::make_unique<actions>(); }

} // namespace load
