#include <algorithm>

#include "clock.hpp"
#include "errors.hpp"
#include "options.hpp"
#include "report.hpp"
#include "requests.hpp"
#include "scenarios.hpp"

namespace load {

namespace {

using namespace std::chrono_literals;

class idle : public scenario {
public:
  void on_open(connection& client) override {
    if (settings.idle_subscribe) {
      send_request(client, subscribe_, now());
    }
  }

  void on_closed(connection&) override { errors.unexpected_close += is_running_ ? 1 : 0; }

  void on_message(connection& client, std::string_view message, std::uint64_t) override {
    if (settings.idle_subscribe && client.step == client_step::subscribing) {
      if (match_reply(client, message, settings.subscribe_status, false)) {
        client.step = client_step::working;
        ++subscribed_;
      }
    } else if (match_reply(client, message, settings.status, true)) {
      ++alive_;
    }
  }

  int run() override {
    const auto deadline = now() + nanoseconds(settings.timeout);
    auto all = make_connections(std::size_t(settings.connections));
    const auto count = double(all.size());

    const auto before = usage(true);
    const auto begun = now();
    bool is_up = clients().open_all(all, deadline);
    const auto connected = now();
    const auto after_connecting = usage();
    while (settings.idle_subscribe && is_up && subscribed_ < all.size() && now() < deadline
           && errors.unexpected_close == 0) {
      clients().step(20ms);
    }
    const auto subscribed = now();
    wait(settings.settle);
    const auto open = usage(true);
    const auto rest_begun = now();
    wait(settings.idle_seconds);
    const auto rested = usage();
    const auto rest = double(now() - rest_begun) / 1e9;
    if (settings.verify_alive && is_up) {
      ask_all(all, deadline);
    }
    const bool is_late = now() > deadline || !is_up;
    is_running_ = false;
    for (auto& each : all) {
      clients().close(*each);
    }
    wait(0.5);
    const auto closed = usage(true);

    auto result = begin_result();
    result.integer("conns", settings.connections);
    result.boolean("subscribed", settings.idle_subscribe);
    result.number("connect_s", double(connected - begun) / 1e9);
    result.number("connects_per_s", count / (double(connected - begun) / 1e9), 1);
    result.number("server_cpu_us_per_connect", (after_connecting.cpu - before.cpu) * 1e6 / count,
                  2);
    result.number("subscribe_s", double(subscribed - connected) / 1e9);
    result.number("rss_before_mb", double(before.resident_kb) / 1024, 1);
    result.number("rss_open_mb", double(open.resident_kb) / 1024, 1);
    result.number("rss_bytes_per_connection",
                  double(open.resident_kb - before.resident_kb) * 1024 / count, 0);
    result.number("rss_closed_mb", double(closed.resident_kb) / 1024, 1);
    result.integer("fds_before", before.descriptors);
    result.integer("fds_open", open.descriptors);
    result.integer("fds_closed", closed.descriptors);
    result.number("idle_cpu_util", (rested.cpu - open.cpu) / rest, 4);
    result.integer("verified_alive", std::int64_t(alive_));
    const auto lost = (settings.idle_subscribe ? all.size() - subscribed_ : 0)
                      + (settings.verify_alive ? all.size() - alive_ : 0);
    return end_result(result, lost, is_late);
  }

private:
  static void wait(double seconds) {
    const auto end = now() + nanoseconds(seconds);
    while (now() < end) {
      clients().step(20ms);
    }
  }

  void ask_all(connections& all, std::uint64_t deadline) {
    constexpr std::size_t at_once = 256;
    for (std::size_t first = 0; first < all.size(); first += at_once) {
      const auto last = std::min(all.size(), first + at_once);
      for (auto i = first; i < last; ++i) {
        send_request(*all[i], request_, now());
      }
      while (alive_ < last && now() < deadline && errors.unexpected_close == 0) {
        clients().step(20ms);
      }
    }
  }

  message_template subscribe_{settings.subscribe_template};
  message_template request_{settings.request_template};
  std::uint64_t subscribed_ = 0;
  std::uint64_t alive_ = 0;
  bool is_running_ = true;
};

} // namespace

std::unique_ptr<scenario> make_idle() { return std::make_unique<idle>(); }

} // namespace load
