#pragma once

#include "dcrf/protocol/request.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/runtime/authenticator.hpp"
#include "dcrf/runtime/context.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace dcrf {

/// What a connection is closed with whose client has shown nobody, or nobody any more.
inline constexpr std::uint16_t not_authenticated_code = 4401;

/// Whom a login tells what becomes of the connection: its driver, or the multiplexer of several.
class login_owner {
public:
  /// The client is this user from now on.
  virtual void user_changed(const user_info& x) = 0;
  /// Has something to be sent that the client did not ask for.
  virtual void notify(const std::string& frame) = 0;
  /// The connection is to be closed.
  virtual void end_connection(std::uint16_t code) = 0;

protected:
  ~login_owner() = default;
};

/// Watches over a connection whose user may expire, or has not shown who it is: takes the tokens
/// that come on the open connection, and ends it in time.
class login {
public:
  /// Whether a connection wants one.
  [[nodiscard]] static bool is_needed(const authentication& how, const user_info& user) {
    return how.takes_tokens || user.expires;
  }

  /// @param context, within, owner outlive the login
  /// @param connection as its handshake was, with the user; outlives the login
  login(session_context& context, const runtime& within, login_owner& owner, authentication how,
        const scope& connection);

  /// Whether the client has to bring a token before anything else.
  [[nodiscard]] bool is_missing() const noexcept {
    return how_.patience && !scope_->user.is_authenticated();
  }

  /// Whether a request brings a token, if its consumer has no action of that name.
  [[nodiscard]] bool takes(const request& req) const {
    return how_.takes_tokens && req.names_action() && req.action() == "authenticate";
  }

  /// Answers it.
  /// @param req outlives the task
  task<std::optional<response>> renew(const request& req);

  /// Whether it is being found out who a token is of.
  [[nodiscard]] bool is_asking() const noexcept { return asking_ > 0; }
  /// Has something done when that is known, and the connection's user is who it is then.
  void afterwards(std::function<void()> x) { afterwards_ = std::move(x); }
  /// How many tokens were taken.
  [[nodiscard]] std::size_t renewals() const noexcept { return renewals_; }

  /// The user may expire at another time than before.
  void follow_expiry();

  /// The handshake with the token that the client has brought last.
  [[nodiscard]] scope latest() const;

  /// The connection has ended.
  void stop() {
    watching_ = {};
    afterwards_ = nullptr;
  }

private:
  using clock = std::chrono::steady_clock;

  void take(const user_info& user, const scope& asked);
  void start_to_watch();
  task<> watch(std::chrono::milliseconds left);
  task<> sleep_until(clock::time_point time);

  session_context* context_;
  const runtime* runtime_;
  login_owner* owner_;
  authentication how_;
  const scope* scope_;
  // That of the handshake if empty.
  std::string token_;
  std::size_t asking_ = 0;
  std::size_t renewals_ = 0;
  std::function<void()> afterwards_;
  // The user's end that is waited for.
  std::optional<timestamp> end_;
  task<> watching_;
};

} // namespace dcrf
