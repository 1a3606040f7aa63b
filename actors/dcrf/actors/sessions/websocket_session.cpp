#include "dcrf/actors/sessions/websocket_session.hpp"

#include <caf/exit_reason.hpp>

#include <utility>

namespace dcrf {

namespace {

constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t try_again_later = 1013;

} // namespace

websocket_session::websocket_session(caf::actor_config& config, pinning_unit& unit,
                                     io_services& services, std::shared_ptr<connection> connection,
                                     session_limits limits)
    : actor_context(config, unit, services), connection_(std::move(connection)), limits_(limits) {}

caf::behavior websocket_session::make_behavior() {
  set_exit_handler([this](caf::exit_msg&) { close(going_away); });
  return {
      [this](send_frame& x) { send(std::move(x.frame).str()); },
      [this](const close_session& x) { close(x.code); },
      [this](quit_atom) { quit(); },
  };
}

// -- the connection -------------------------------------------------------------------------------

// The constructors of consumers are the application's, and may throw.
void websocket_session::open(const endpoint& make, scope handshake,
                             const authenticator& authenticate) {
  try {
    handler_ = make(*this, std::move(handshake));
  } catch (...) {
    log_failure("making a consumer", std::current_exception());
    connection_->refuse(http_response::detail(500, "Internal server error."));
    return;
  }
  handler_->connect(authenticate);
}

void websocket_session::receive(std::string_view payload, bool is_text) {
  if (handler_) {
    handler_->receive(payload, is_text);
    services().reader.give_back();
  }
}

void websocket_session::drained() {
  for (auto answer : std::exchange(draining_, {})) {
    finish(answer, {});
  }
}

void websocket_session::stop() {
  if (handler_) {
    handler_->stop();
  }
}

void websocket_session::closed() {
  if (!handler_) {
    quit_later();
    return;
  }
  end_deadline_ = services().thread.after(limits_.end_timeout, [this] {
    handler_->abort();
    quit_later();
  });
  handler_->disconnect();
  // Nobody takes anything any more, so nothing waits for that.
  drained();
}

void websocket_session::accept() { connection_->accept(); }

void websocket_session::refuse(unsigned status) {
  connection_->refuse(http_response::with(status, "text/plain", "Refused.\n"));
}

void websocket_session::send(std::string frame) { connection_->send(std::move(frame)); }

void websocket_session::send(std::shared_ptr<const std::string> head, std::string_view tail) {
  connection_->send(std::move(head), std::string{tail});
}

// Nothing that comes from now on is taken: no answer to it could leave.
void websocket_session::close(std::uint16_t code) {
  stop();
  connection_->close(code);
}

// -- groups ---------------------------------------------------------------------------------------

void websocket_session::join(const group_name& x, group_member& member, ticket answer) {
  if (services().holds_at_once(x) || places_.contains({&member, x})) {
    enter(x, member);
    finish(answer, {});
    return;
  }
  joining_.emplace(answer, joining{x, &member});
  auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
  services().hold(x, [this, self, answer] {
    services().thread.post([this, self, answer] { joined(answer); });
  });
}

void websocket_session::enter(const group_name& x, group_member& member) {
  if (auto [found, is_new] = places_.try_emplace({&member, x}); is_new) {
    found->second = std::make_unique<group_table::place>();
    services().groups.join(x, member, *found->second, services().store.version());
  }
}

void websocket_session::joined(ticket answer) {
  auto found = joining_.find(answer);
  if (found == joining_.end()) {
    return;
  }
  auto [target, member] = std::move(found->second);
  joining_.erase(found);
  bool is_wanted = member != nullptr && !places_.contains({member, target});
  if (is_wanted) {
    enter(target, *member);
  } else {
    services().release(target);
  }
  finish(answer, {});
}

void websocket_session::leave(const group_name& x, group_member& member) {
  if (auto found = places_.find({&member, x}); found != places_.end()) {
    services().groups.leave(x, *found->second);
    places_.erase(found);
    services().release(x);
  }
  for (auto& [answer, waiting] : joining_) {
    if (waiting.member == &member && waiting.target == x) {
      waiting.member = nullptr;
    }
  }
}

// A client that sends faster than it is served waits; events can't, so it is cut off.
void websocket_session::queued(std::size_t bytes) {
  if (bytes > limits_.queue_size) {
    close(try_again_later);
  } else if (!is_paused_ && bytes > limits_.pause_reading) {
    is_paused_ = true;
    connection_->pause_reading();
  } else if (is_paused_ && bytes <= limits_.pause_reading / 2) {
    is_paused_ = false;
    connection_->resume_reading();
  }
}

// -- the end --------------------------------------------------------------------------------------

void websocket_session::finished() { quit_later(); }

void websocket_session::on_exit() {
  end_deadline_.cancel();
  handler_.reset();
  for (const auto& [answer, waiting] : std::exchange(joining_, {})) {
    services().release(waiting.target);
  }
  end();
  connection_->close(going_away);
  connection_.reset();
}

} // namespace dcrf
