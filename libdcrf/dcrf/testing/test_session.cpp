#include "dcrf/testing/internal/session.hpp"
#include "dcrf/testing/test_server.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace dcrf {

test_session::test_session(test_server& server, std::shared_ptr<test_server::session> session)
    : server_(&server), session_(std::move(session)) {}

test_session::test_session(test_session&&) noexcept = default;

test_session& test_session::operator=(test_session&& other) noexcept {
  std::swap(server_, other.server_);
  std::swap(session_, other.session_);
  return *this;
}

test_session::~test_session() {
  try {
    if (session_) {
      disconnect();
    }
  } catch (const std::logic_error&) {
    // A consumer that never ends is the business of the test that waits for it, not of one that
    // unwinds.
  }
}

bool test_session::is_accepted() const noexcept { return session_->is_accepted; }

unsigned test_session::refused_with() const noexcept { return session_->refused_with; }

void test_session::send(const json& frame) { send_text(frame.dump()); }

void test_session::send_text(std::string_view frame) {
  session_->receive(frame, true);
  server_->settle();
}

void test_session::send_together(const std::vector<json>& frames) {
  for (const auto& x : frames) {
    session_->receive(x.dump(), true);
  }
  server_->settle();
}

void test_session::send_binary(std::string_view frame) {
  session_->receive(frame, false);
  server_->settle();
}

json test_session::receive() { return json::parse(receive_text()); }

std::string test_session::receive_text() { return receive_frame(true); }

std::string test_session::receive_bytes() { return receive_frame(false); }

std::string test_session::receive_frame(bool is_text) {
  server_->run_until("a frame", [this] { return !session_->frames.empty(); });
  auto result = std::move(session_->frames.front());
  session_->frames.pop_front();
  if (result.is_text != is_text) {
    throw std::logic_error(is_text ? "the next frame is binary" : "the next frame is a text");
  }
  return std::move(result.payload);
}

const std::string& test_session::subprotocol() const noexcept { return session_->subprotocol; }

bool test_session::is_silent() {
  server_->settle();
  return session_->frames.empty();
}

std::optional<std::uint16_t> test_session::close_code() const noexcept {
  return session_->close_code;
}

void test_session::disconnect() {
  session_->disconnect();
  server_->run_until("the end of a session", [this] { return session_->is_finished(); });
}

} // namespace dcrf
