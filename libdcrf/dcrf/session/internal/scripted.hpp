#pragma once

#include "dcrf/session/internal/fake_session.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace consumer_test {

/// What a scripted consumer does in its hooks and its action `act`, and what it has seen.
struct script {
  std::function<dcrf::task<>(dcrf::consumer&)> connected;
  std::function<dcrf::task<>(dcrf::consumer&)> disconnected;
  std::function<dcrf::task<>(dcrf::consumer&, dcrf::request&)> act;
  std::vector<std::string> seen;
  std::uint16_t code = 0;
};

/// A consumer that does what the test says.
class scripted : public dcrf::api_consumer<scripted> {
public:
  explicit scripted(script& x) : script_(&x) {}

  dcrf::task<> connected() override {
    script_->seen.push_back("connected");
    return script_->connected ? script_->connected(*this) : dcrf::task<>{};
  }
  dcrf::task<> disconnected(std::uint16_t code) override {
    script_->code = code;
    script_->seen.push_back("disconnected");
    return script_->disconnected ? script_->disconnected(*this) : dcrf::task<>{};
  }
  dcrf::task<> act(dcrf::request& req) { return script_->act(*this, req); }
  dcrf::task<> pause() {
    // What is in the coroutine's frame shows whether it was destroyed.
    auto guard =
        std::shared_ptr<void>(nullptr, [this](void*) { script_->seen.push_back("pause ended"); });
    co_await runtime().sleep(std::chrono::hours{1});
    script_->seen.push_back("pause resumed");
    co_return;
  }
  dcrf::response ping() { return dcrf::response::ok(dcrf::json_text::trusted(R"("pong")")); }

  using actions =
      dcrf::actions<dcrf::action<"act", &scripted::act>, dcrf::action<"pause", &scripted::pause>,
                    dcrf::detached_action<"detached_pause", &scripted::pause>,
                    dcrf::action<"ping", &scripted::ping>>;

private:
  script* script_;
};

inline const std::string ping = R"({"action":"ping","request_id":1})";
inline const std::string pong =
    R"({"errors":[],"data":"pong","action":"ping","response_status":200,"request_id":1})";

/// A driver with a scripted consumer, in a session that does only what the test says.
struct driven {
  explicit driven(dcrf::session_bounds bounds = {}) : session(bounds) {}

  void connect(const dcrf::authenticator& authenticate = nullptr) { driver.connect(authenticate); }

  void request(const std::string& action) {
    driver.receive(R"({"action":")" + action + R"("})", true);
  }

  script steps;
  fake_session session;
  dcrf::driver driver{session, {}, std::make_unique<scripted>(steps)};
};

inline dcrf::group_message_ptr message_to(const std::string& group) {
  auto result = std::make_shared<dcrf::group_message>();
  result->target.key = group;
  result->text =
      std::make_shared<dcrf::event_text>(dcrf::json_text::trusted(R"("to )" + group + '"'));
  return result;
}

} // namespace consumer_test
