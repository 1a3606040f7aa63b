#include <algorithm>

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

class fanout : public scenario {
public:
  explicit fanout(bool with_silent) : with_silent_{with_silent} {}

  void on_open(connection& client) override {
    if (client.role != client_role::publisher) {
      for (std::uint64_t i = 0; i < each_subscribes_; ++i) {
        const auto group = (first_subscription_of(client) + i) % groups_;
        send_request(client, subscribe_, now(), 0, group + 1);
      }
    }
  }

  void on_closed(connection& client) override {
    if (!is_running_) {
      return;
    }
    if (client.role == client_role::silent) {
      ++silent_closed_;
    } else {
      ++errors.unexpected_close;
    }
  }

  void on_message(connection& client, std::string_view message, std::uint64_t time) override {
    if (client.role == client_role::publisher) {
      on_answer(client, message, time);
    } else if (client.step == client_step::subscribing) {
      on_subscribed(client, message);
    } else if (client.role == client_role::subscriber) {
      on_event(client, message, time);
    }
  }

  int run() override {
    prepare();
    const auto deadline = now() + nanoseconds(settings.timeout);
    const auto before = usage();
    const bool is_up = open_and_subscribe(deadline);
    subscribed_ = usage();
    peak_kb_ = subscribed_.resident_kb;
    if (is_up) {
      is_running_ = true;
      work(deadline);
    }
    meter_.end();
    is_running_ = false;
    listen_for_late_duplicates(is_up);
    const bool is_late = now() > deadline || !is_up;
    const auto after = usage();
    sample_memory(true);
    const auto still_open = std::count_if(silent_.begin(), silent_.end(),
                                          [](const auto& each) { return each->socket >= 0; });
    for (auto* some : {&subscribers_, &silent_, &publishers_}) {
      for (auto& each : *some) {
        clients().close(*each);
      }
    }
    return report(before, after, still_open, is_late);
  }

private:
  void prepare() {
    if (settings.rate > 0) {
      settings.window = std::max(settings.window, 4096);
    }
    const auto subscribers = std::size_t(settings.subscribers);
    const auto silent = with_silent_ ? std::size_t(settings.slow) : 0;
    subscribers_ = make_connections(subscribers);
    silent_ = make_connections(silent, subscribers);
    publishers_ = make_connections(std::size_t(settings.publishers), subscribers + silent);
    for (auto& each : silent_) {
      each->role = client_role::silent;
      each->is_blind = true;
    }
    for (auto& each : publishers_) {
      each->role = client_role::publisher;
    }
    received_.resize(subscribers * each_subscribes_);
  }

  bool open_and_subscribe(std::uint64_t deadline) {
    if (!clients().open_all(subscribers_, deadline) || !clients().open_all(silent_, deadline)
        || !clients().open_all(publishers_, deadline)) {
      return false;
    }
    const auto all = (subscribers_.size() + silent_.size()) * each_subscribes_;
    while (subscriptions_ < all && now() < deadline && errors.unexpected_close == 0) {
      clients().step(20ms);
    }
    return subscriptions_ == all;
  }

  void work(std::uint64_t deadline) {
    if (settings.warmup == 0) {
      begin_measuring(now());
    }
    publish_what_is_due(now());
    clients().flush_all();
    for (;;) {
      auto time = now();
      sample_memory(false);
      if (time > deadline || errors.unexpected_close > 0 || errors.protocol_errors > 0) {
        return;
      }
      is_over_ = is_over_
                 || (meter_.has_begun() && time - meter_.begun() > nanoseconds(settings.duration));
      const bool all_published = published_ >= limit_ || is_over_;
      if (all_published && complete_ >= published_ && answered_ >= published_) {
        return;
      }
      if (is_paced()) {
        publish_what_is_due(time);
        clients().flush_all();
      }
      clients().step(all_published ? longest_wait() : until_next_event());
    }
  }

  void listen_for_late_duplicates(bool is_up) {
    const auto end = now() + nanoseconds(0.2);
    while (is_up && now() < end) {
      clients().step(20ms);
    }
  }

  // With a rate only the warm-up is driven by what is complete.
  [[nodiscard]] bool is_paced() const { return settings.rate > 0 && meter_.has_begun(); }

  [[nodiscard]] std::chrono::nanoseconds longest_wait() const { return with_silent_ ? 20ms : 50ms; }

  [[nodiscard]] std::chrono::nanoseconds until_next_event() const {
    if (!is_paced()) {
      return longest_wait();
    }
    const auto time = now();
    return std::min(longest_wait(), std::chrono::nanoseconds(next_ > time ? next_ - time : 0));
  }

  void begin_measuring(std::uint64_t time) {
    meter_.begin();
    next_ = time;
  }

  connection& publisher_of(std::uint64_t event) {
    return *publishers_[(event % groups_) % publishers_.size()];
  }

  void publish(std::uint64_t time) {
    deliveries_of_.push_back(0);
    send_request(publisher_of(published_), publish_, time, published_, published_ % groups_ + 1);
    expected_ += subscribers_of(published_);
    ++published_;
  }

  // Subscriptions are numbered over all subscribers; their groups are taken in turn.
  [[nodiscard]] std::uint64_t first_subscription_of(const connection& client) const {
    return client.index * each_subscribes_;
  }

  [[nodiscard]] std::uint64_t subscribers_of(std::uint64_t event) const {
    const auto all = subscribers_.size() * each_subscribes_;
    return all / groups_ + (event % groups_ < all % groups_ ? 1 : 0);
  }

  void publish_what_is_due(std::uint64_t time) {
    if (is_paced()) {
      while (next_ <= time && !is_over_ && published_ < limit_
             && publisher_of(published_).open_requests() + 2 < std::uint64_t(settings.window)) {
        publish(next_);
        next_ += 1'000'000'000 / settings.rate;
      }
      return;
    }
    const auto window = settings.rate > 0 ? 16 : std::uint64_t(settings.window);
    const auto most = settings.rate > 0 ? settings.warmup : limit_;
    while (!is_over_ && published_ < most && published_ - complete_ < window
           && publisher_of(published_).open_requests() < window) {
      publish(time);
    }
  }

  void on_answer(connection& client, std::string_view message, std::uint64_t time) {
    if (settings.is_socket_io() && message.starts_with("42")) { // an event, which isn't ours
      return;
    }
    if (match_reply(client, message, settings.publish_status, false)) {
      ++answered_;
      if (!is_paced()) {
        publish_what_is_due(time);
      }
    }
  }

  void on_subscribed(connection& client, std::string_view message) {
    if (match_reply(client, message, settings.subscribe_status, false)) {
      ++subscriptions_;
      if (client.open_requests() > 0) {
        return;
      }
      client.step = client_step::working;
      if (client.role == client_role::silent) {
        clients().go_blind(client);
      }
    }
  }

  void on_event(connection& client, std::string_view message, std::uint64_t time) {
    const auto mark = find_mark(message);
    const auto first = first_subscription_of(client);
    // Which of the client's subscriptions the event belongs to.
    const auto own = (mark.sequence % groups_ + groups_ - first % groups_) % groups_;
    if (!mark.found || mark.sequence >= published_ || own >= each_subscribes_) {
      show("event", message);
      ++bad_events_;
      return;
    }
    if (!received_[first + own].add(mark.sequence / groups_)) {
      return;
    }
    const bool has_id =
        !settings.check_event_id || read_head(message).id == client.first_id() + own;
    if (!has_id || message.find(settings.event_expect) == std::string_view::npos) {
      show("event", message);
      ++bad_events_;
    }
    ++deliveries_;
    if (meter_.has_begun() && mark.sequence >= settings.warmup) {
      ++measured_;
      latency_.add(time - mark.time);
    }
    if (++deliveries_of_[mark.sequence] == subscribers_of(mark.sequence)) {
      on_complete(time);
    }
  }

  void on_complete(std::uint64_t time) {
    ++complete_;
    if (!meter_.has_begun() && complete_ >= settings.warmup && published_ >= settings.warmup) {
      begin_measuring(time);
    }
    if (!is_paced()) {
      publish_what_is_due(time);
    }
  }

  void sample_memory(bool at_once) {
    const auto time = now();
    if (with_silent_ && !settings.processes.empty() && (at_once || time >= next_sample_)) {
      next_sample_ = time + nanoseconds(0.1);
      peak_kb_ = std::max(peak_kb_, usage().resident_kb);
    }
  }

  int report(const process_usage& before, const process_usage& after, std::int64_t still_open,
             bool is_late) {
    auto result = begin_result();
    result.integer("subs", settings.subscribers);
    result.integer("groups", settings.groups);
    result.integer("subscriptions", settings.subscriptions);
    result.integer("rate", std::int64_t(settings.rate));
    result.integer("window", settings.window);
    result.integer("events", std::int64_t(published_));
    result.number("events_per_s",
                  double(published_ - std::min(published_, settings.warmup)) / meter_.duration(),
                  1);
    meter_.report(result, "delivery", "deliveries", measured_);
    result.percentiles("latency_us", latency_);
    result.integer("bad_events", std::int64_t(bad_events_));
    result.integer("missing_pub_acks", std::int64_t(published_ - answered_));
    bool is_wrong = bad_events_ > 0 || measured_ == 0 || answered_ != published_;
    result.number("rss_before_mb", double(before.resident_kb) / 1024, 1);
    result.number("rss_subscribed_mb", double(subscribed_.resident_kb) / 1024, 1);
    result.number("rss_after_mb", double(after.resident_kb) / 1024, 1);
    if (with_silent_) {
      is_wrong = report_silent(result, still_open) || is_wrong;
    } else {
      result.number("rss_kb_per_subscriber",
                    double(subscribed_.resident_kb - before.resident_kb)
                        / double(subscribers_.size() + 1),
                    2);
    }
    return end_result(result, expected_ - deliveries_, is_late, is_wrong);
  }

  // Whether the server has grown more than it may.
  bool report_silent(json_line& result, std::int64_t still_open) {
    const auto growth = double(peak_kb_ - subscribed_.resident_kb) / 1024;
    result.integer("slow", settings.slow);
    result.integer("slow_closed_by_server", silent_closed_);
    result.integer("slow_still_open", still_open);
    result.number("rss_peak_mb", double(peak_kb_) / 1024, 1);
    result.number("rss_growth_mb", growth, 1);
    // What a server without any limit would hold back for them.
    result.number("undelivered_mb",
                  double(clients().received_bytes()) / double(subscribers_.size()) * settings.slow
                      / 1'048'576.0,
                  1);
    return settings.resident_limit_mb > 0 && growth > settings.resident_limit_mb;
  }

  const bool with_silent_;
  const std::uint64_t groups_ = std::uint64_t(settings.groups);
  const std::uint64_t each_subscribes_ = std::uint64_t(settings.subscriptions);
  const std::uint64_t limit_ = settings.warmup + settings.count;
  message_template subscribe_{settings.subscribe_template};
  message_template publish_{settings.publish_template};
  connections subscribers_;
  connections silent_;
  connections publishers_;
  std::vector<received_events> received_;    // for each subscription
  std::vector<std::uint32_t> deliveries_of_; // each event
  histogram latency_;
  meter meter_;
  process_usage subscribed_;
  std::uint64_t subscriptions_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t complete_ = 0;
  std::uint64_t expected_ = 0;
  std::uint64_t deliveries_ = 0;
  std::uint64_t measured_ = 0;
  std::uint64_t bad_events_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t next_sample_ = 0;
  std::int64_t silent_closed_ = 0;
  std::int64_t peak_kb_ = 0;
  bool is_running_ = false;
  bool is_over_ = false;
};

} // namespace

std::unique_ptr<scenario> make_fanout(bool with_silent) {
  return std::make_unique<fanout>(with_silent);
}

} // namespace load
