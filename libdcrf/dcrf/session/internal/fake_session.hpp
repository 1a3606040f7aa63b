#pragma once

#include "dcrf/groups/presence_table.hpp"
#include "dcrf/session/internal/driver.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace consumer_test {

/// A session for tests of the driver itself: it notes what is asked of it, and answers when the
/// test says so.
class fake_session final : public dcrf::session_context {
public:
  explicit fake_session(dcrf::session_bounds bounds = {}) : budget_(bounds) {}

  void submit(dcrf::command x, dcrf::ticket answer) override {
    submitted.emplace_back(std::move(x), answer);
  }
  void sleep(std::chrono::milliseconds, dcrf::ticket answer) override {
    sleeping.push_back(answer);
  }
  void offload(std::function<void()> work, dcrf::ticket answer) override {
    work();
    finish(answer, {});
  }
  void forget(dcrf::ticket answer) override { forgotten.push_back(answer); }
  dcrf::channel_layer& channels() override { return channels_; }
  void abandon(std::uint64_t transaction) override { abandoned.push_back(transaction); }
  void log_failure(std::string_view where, const std::exception_ptr&) override {
    failures.emplace_back(where);
  }
  dcrf::frame_reader& reader() override { return reader_; }
  dcrf::shared_reads* reads_in_common() override { return together; }

  void accept() override { log.emplace_back("accept"); }
  void refuse(unsigned status) override { log.push_back("refuse " + std::to_string(status)); }
  void send(std::string frame) override { log.push_back(std::move(frame)); }
  void send(std::shared_ptr<const std::string> head, std::string_view tail) override {
    log.push_back(*head + std::string{tail});
  }
  void send_bytes(std::string bytes) override { log.push_back("bytes " + bytes); }
  void choose_subprotocol(std::string name) override { log.push_back("subprotocol " + name); }
  void close(std::uint16_t code) override { log.push_back("close " + std::to_string(code)); }
  dcrf::session_budget& budget() override { return budget_; }
  dcrf::throttle_history& throttling() override { return throttling_; }
  dcrf::throttle_history::clock::time_point now() const override { return time; }
  void join(const dcrf::group_name& x, dcrf::group_member&, dcrf::ticket answer) override {
    joining.emplace_back(x, answer);
  }
  void leave(const dcrf::group_name& x, dcrf::group_member&) override {
    log.push_back("leave " + x.key);
  }
  std::uint64_t version() override { return committed; }
  dcrf::feed_position_ptr position() override { return newest; }
  void follow(dcrf::replay_question x, std::shared_ptr<dcrf::replay_ptr> to,
              dcrf::ticket answer) override {
    following.push_back({std::move(x), std::move(to), answer});
  }
  bool is_congested() override { return congested; }
  void drain(dcrf::ticket answer) override { draining.push_back(answer); }
  bool logs_requests() const override { return is_logging; }
  void log_request(std::string_view line) override { lines.emplace_back(line); }
  void queued() override { queued_bytes = budget_.queued(); }
  void finished() override { log.emplace_back("finished"); }

  std::vector<std::pair<dcrf::command, dcrf::ticket>> submitted;
  std::vector<dcrf::ticket> sleeping;
  std::vector<dcrf::ticket> forgotten;
  bool congested = false;
  std::vector<dcrf::ticket> draining;
  std::vector<std::pair<dcrf::group_name, dcrf::ticket>> joining;
  dcrf::shared_reads* together = nullptr;
  std::vector<std::uint64_t> abandoned;
  std::vector<std::string> failures;
  bool is_logging = false;
  std::vector<std::string> lines;
  std::vector<std::string> log;
  std::size_t queued_bytes = 0;
  std::uint64_t committed = 0;

  struct question {
    dcrf::replay_question what;
    std::shared_ptr<dcrf::replay_ptr> to;
    dcrf::ticket answer;
  };

  // Without it there is no feed.
  dcrf::feed_position_ptr newest;
  std::vector<question> following;
  dcrf::throttle_history::clock::time_point time{};

private:
  class no_channels final : public dcrf::channel_layer {
  public:
    std::vector<const dcrf::observer_descriptor*> observers_of(const void*) const override {
      return {};
    }
    bool has_members(const dcrf::group_name&) const override { return false; }
    void publish(dcrf::group_message_ptr) override {}
    dcrf::presence_table& presences() override { return presences_; }

  private:
    dcrf::presence_table presences_{[](const dcrf::group_message_ptr&) {}};
  };

  no_channels channels_;
  dcrf::session_budget budget_;
  dcrf::throttle_history throttling_;
  dcrf::frame_reader reader_;
};

} // namespace consumer_test
