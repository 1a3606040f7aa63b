#include <algorithm>
#include <utility>

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

class churn : public scenario {
public:
  void on_open(connection& client) override {
    if (meter_.has_begun()) {
      handshake_.add(now() - client.started);
    }
    send_request(client, subscribe_, now());
  }

  void on_message(connection& client, std::string_view message, std::uint64_t) override {
    if (settings.is_socket_io() && message.starts_with("42")) { // an event, which isn't ours
      return;
    }
    if (client.step == client_step::subscribing) {
      if (match_reply(client, message, settings.subscribe_status, false)) {
        client.step = client_step::working;
        send_request(client, request_, now());
      }
    } else if (client.step == client_step::closing) {
      ++errors.duplicates;
    } else if (match_reply(client, message, settings.status, true)) {
      // The server answers with a close of its own, and closes the socket.
      client.step = client_step::closing;
      clients().send_close(client, 1000);
    }
  }

  void on_closed(connection& client) override {
    if (client.step != client_step::closing) {
      errors.unexpected_close += is_stopping_ ? 0 : 1;
      return;
    }
    ++done_;
    if (meter_.has_begun()) {
      ++measured_;
      cycle_.add(now() - client.started);
    } else if (done_ >= settings.warmup) {
      meter_.begin();
    }
    closed_.push_back(&client);
  }

  int run() override {
    // The ports of one address would be used up.
    settings.source_addresses = std::max(settings.source_addresses, 16);
    const auto deadline = now() + nanoseconds(settings.timeout);
    auto all = make_connections(std::size_t(settings.connections));
    const auto before = usage(true);
    if (settings.warmup == 0) {
      meter_.begin();
    }
    const auto warm = work(all, deadline);
    meter_.end();
    is_stopping_ = true;
    const bool is_late = now() > deadline;
    for (auto& each : all) {
      clients().close(*each);
    }
    const auto end = now() + nanoseconds(0.7);
    while (now() < end) {
      clients().step(50ms);
    }
    const auto after = usage(true);

    auto result = begin_result();
    result.integer("loops", settings.connections);
    meter_.report(result, "connection", "connections", measured_);
    result.percentiles("cycle_us", cycle_);
    result.percentiles("handshake_us", handshake_);
    result.number("rss_before_mb", double(before.resident_kb) / 1024, 2);
    result.number("rss_warm_mb", double(warm.resident_kb) / 1024, 2);
    result.number("rss_after_mb", double(after.resident_kb) / 1024, 2);
    result.number("rss_growth_bytes_per_connection",
                  double(after.resident_kb - warm.resident_kb) * 1024
                      / double(std::max<std::uint64_t>(1, measured_)),
                  1);
    result.integer("fds_before", before.descriptors);
    result.integer("fds_after", after.descriptors);
    return end_result(result, begun_ - done_, is_late, measured_ == 0);
  }

private:
  // What was in use when measuring began.
  process_usage work(connections& all, std::uint64_t deadline) {
    process_usage warm;
    bool is_warm = false;
    for (auto& each : all) {
      begin(*each);
    }
    while (done_ < begun_ || (begun_ < limit_ && !is_over_)) {
      const auto time = now();
      if (time > deadline || errors.connect_errors > 0 || errors.unexpected_close > 0
          || errors.protocol_errors > 0) {
        break;
      }
      if (meter_.has_begun() && !is_warm) {
        is_warm = true;
        warm = usage(true);
      }
      is_over_ = is_over_
                 || (meter_.has_begun() && time - meter_.begun() > nanoseconds(settings.duration));
      clients().step(50ms);
      for (auto* each : std::exchange(closed_, {})) {
        each->index += std::uint32_t(settings.connections);
        begin(*each);
      }
    }
    return warm;
  }

  void begin(connection& client) {
    if (begun_ >= limit_ || is_over_) {
      return;
    }
    ++begun_;
    client.started = now();
    client.step = client_step::subscribing;
    client.requests = client.oldest_open = 0;
    client.ring.clear();
    clients().connect(client);
  }

  message_template subscribe_{settings.subscribe_template};
  message_template request_{settings.request_template};
  histogram cycle_;
  histogram handshake_;
  meter meter_;
  const std::uint64_t limit_ = settings.warmup + settings.count;
  std::uint64_t begun_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t measured_ = 0;
  std::vector<connection*> closed_;
  bool is_over_ = false;
  bool is_stopping_ = false;
};

} // namespace

std::unique_ptr<scenario> make_churn() { return std::make_unique<churn>(); }

} // namespace load
