#include "dcrf/actors/sessions/internal/websocket_session.hpp"

#include "dcrf/model/value.hpp"

#include <caf/exit_reason.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace dcrf {

namespace {

constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t try_again_later = 1013;

} // namespace

websocket_session::websocket_session(caf::actor_config& config, pinning_unit& unit,
                                     io_services& services, std::shared_ptr<connection> connection,
                                     const websocket_options& options, session_limits limits)
    : actor_context(config, unit, services),
      connection_(std::move(connection)),
      options_(&options),
      limits_(limits) {}

caf::behavior websocket_session::make_behavior() {
  set_exit_handler([this](caf::exit_msg&) { close(going_away); });
  return {
      [this](send_frame& x) { send(std::move(x.frame).str()); },
      [this](const close_session& x) { close(x.code); },
      [this](const look_after_user& x) { look_after(x); },
      [this](quit_atom) { quit(); },
  };
}

// -- the connection -------------------------------------------------------------------------------

// The constructors of consumers are the application's, and may throw.
void websocket_session::open(const endpoint& make, scope handshake, const authentication& how) {
  try {
    handler_ = make(*this, std::move(handshake));
  } catch (...) {
    log_failure("making a consumer", std::current_exception());
    connection_->refuse(http_response::detail(500, "Internal server error."));
    return;
  }
  authentication_ = &how;
  handler_->connect(how);
}

void websocket_session::receive(std::string_view payload, bool is_text) {
  if (handler_) {
    handler_->receive(payload, is_text);
    services().reader.give_back();
  }
}

void websocket_session::look_after(const look_after_user& x) {
  if (!handler_ || authentication_ == nullptr) {
    return;
  }
  const auto& user = handler_->user();
  bool is_it = !x.user || (user.is_authenticated() && to_string(user.pk.get()) == *x.user);
  if (x.close_code != 0 && is_it) {
    close(x.close_code);
  } else if (is_it || !is_accepted_ || handler_->is_asking_for_user()) {
    // Who is not known yet may be anybody, even who was kicked.
    handler_->check_again(*authentication_);
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

void websocket_session::closed(std::uint16_t code) {
  if (!handler_) {
    quit_later();
    return;
  }
  end_deadline_ = services().thread.after(limits_.end_timeout, [this] {
    handler_->abort();
    quit_later();
  });
  handler_->disconnect(code);
  // Nobody takes anything any more, so nothing waits for that.
  drained();
}

void websocket_session::accept() {
  is_accepted_ = true;
  connection_->accept(*options_, subprotocol_);
}

void websocket_session::refuse(unsigned status) {
  connection_->refuse(http_response::with(status, "text/plain", "Refused.\n"));
}

void websocket_session::send(std::string frame) { connection_->send(std::move(frame)); }

void websocket_session::send(std::shared_ptr<const std::string> head, std::string_view tail) {
  connection_->send(std::move(head), std::string{tail});
}

void websocket_session::send_bytes(std::string bytes) { connection_->send_bytes(std::move(bytes)); }

// Nothing that comes from now on is taken: no answer to it could leave.
void websocket_session::close(std::uint16_t code) {
  stop();
  connection_->close(code);
}

// The lines of one connection have its number in common.
void websocket_session::log_request(std::string_view line) {
  spdlog::info("connection={} {}", id(), line);
}

void websocket_session::log_failure(std::string_view where, const std::exception_ptr& error) {
  detail::log_failure(fmt::format("connection={} {}", id(), where), error);
}

// -- groups ---------------------------------------------------------------------------------------

void websocket_session::join(const group_name& x, group_member& member, ticket answer) {
  membership target{&member, x};
  if (services().holds_at_once(x)) {
    enter(target);
    finish(answer, {});
    return;
  }
  joining_.emplace(target, answer);
  auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
  services().hold(x, [this, self, target, answer] {
    services().thread.post([this, self, target, answer] { joined(target, answer); });
  });
}

void websocket_session::enter(const membership& x) {
  if (auto [found, is_new] = places_.try_emplace(x); is_new) {
    services().groups.join(x.second, *x.first, found->second, services().store.version());
  }
}

// It may have left again meanwhile, or be in the group by another join.
void websocket_session::joined(const membership& x, ticket answer) {
  bool is_wanted = joining_.erase({x, answer}) > 0 && !places_.contains(x);
  if (is_wanted) {
    enter(x);
  } else {
    services().release(x.second);
  }
  finish(answer, {});
}

void websocket_session::leave(const group_name& x, group_member& member) {
  membership left{&member, x};
  if (auto found = places_.find(left); found != places_.end()) {
    services().groups.leave(x, found->second);
    places_.erase(found);
    services().release(x);
  }
  auto waiting = joining_.lower_bound({left, 0});
  while (waiting != joining_.end() && waiting->first == left) {
    waiting = joining_.erase(waiting);
  }
}

void websocket_session::follow(replay_question x, std::shared_ptr<replay_ptr> to, ticket answer) {
  auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
  services().store.follow(std::move(x), [this, self, to, answer](replay_ptr found) {
    services().thread.post([this, self, to, answer, found = std::move(found)] {
      *to = found;
      finish(answer, {});
    });
  });
}

void websocket_session::watch_list(list_question x, std::shared_ptr<list_state_ptr> to,
                                   ticket answer) {
  auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
  services().store.watch(std::move(x), [this, self, to, answer](list_state_ptr found) {
    services().thread.post([this, self, to, answer, found = std::move(found)] {
      *to = found;
      finish(answer, {});
    });
  });
}

// A client that sends faster than it is served waits; events can't, so it is cut off.
void websocket_session::queued() {
  if (budget_.is_exceeded()) {
    close(try_again_later);
  } else if (!is_paused_ && budget_.has_many_requests()) {
    is_paused_ = true;
    connection_->pause_reading();
  } else if (is_paused_ && budget_.has_few_requests()) {
    is_paused_ = false;
    connection_->resume_reading();
  }
}

// -- the end --------------------------------------------------------------------------------------

void websocket_session::finished() { quit_later(); }

void websocket_session::on_exit() {
  end_deadline_.cancel();
  handler_.reset();
  joining_.clear();
  end();
  connection_->close(going_away);
  connection_.reset();
}

} // namespace dcrf
