#pragma once

#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/session/session_handler.hpp"
#include "dcrf/testing/test_server.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf {

/// One connection of a test server: what its consumer runs in, and what it has sent.
class test_server::session final : public session_context,
                                   public std::enable_shared_from_this<session> {
public:
  struct sent {
    std::string payload;
    bool is_text;
  };

  explicit session(state& server) : server_(server) {}

  void start(dcrf::scope connection, const endpoint& make);

  void receive(std::string_view frame, bool is_text);

  /// A message of a group that the member may have left meanwhile.
  void deliver(group_member* member, group_message_ptr message);

  /// As a client does that closes with 1000, unless the server has closed.
  void disconnect();

  [[nodiscard]] bool is_finished() const noexcept { return is_finished_ || !handler_; }

  // -- implementation of session_context ----------------------------------------------------------

  void submit(command x, ticket answer) override;
  void sleep(std::chrono::milliseconds duration, ticket answer) override;
  void offload(std::function<void()> work, ticket answer) override;
  void forget(ticket) override {}
  channel_layer& channels() override;
  void abandon(std::uint64_t transaction) override;
  void log_failure(std::string_view where, const std::exception_ptr& error) override;
  frame_reader& reader() override;
  void accept() override { is_accepted = true; }
  void refuse(unsigned status) override;
  void send(std::string frame) override { frames.push_back({std::move(frame), true}); }
  void send(std::shared_ptr<const std::string> head, std::string_view tail) override {
    frames.push_back({*head + std::string{tail}, true});
  }
  void send_bytes(std::string bytes) override { frames.push_back({std::move(bytes), false}); }
  void choose_subprotocol(std::string name) override { subprotocol = std::move(name); }
  void close(std::uint16_t code) override;
  session_budget& budget() override { return budget_; }
  throttle_history& throttling() override;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override;
  void join(const group_name& x, group_member& member, ticket answer) override;
  void leave(const group_name& x, group_member& member) override;
  void watch_list(list_question x, std::shared_ptr<list_state_ptr> to, ticket answer) override;
  bool is_congested() override { return false; }
  void drain(ticket answer) override { finish(answer, {}); }
  std::uint64_t version() override;
  void queued() override;
  void finished() override { is_finished_ = true; }

  // -----------------------------------------------------------------------------------------------

  bool is_accepted = false;
  unsigned refused_with = 0;
  std::optional<std::uint16_t> close_code;
  std::deque<sent> frames;
  std::string subprotocol;

private:
  // Work that is dropped when the session is gone.
  template <class Work>
  std::function<void()> guarded(Work work) {
    auto shared = std::make_shared<Work>(std::move(work));
    return [self = weak_from_this(), shared] {
      if (auto alive = self.lock()) {
        (*shared)();
      }
    };
  }

  void post(std::function<void()> guarded_work);

  state& server_;
  bool is_finished_ = false;
  session_budget budget_;
  std::unique_ptr<session_handler> handler_;
};

} // namespace dcrf
