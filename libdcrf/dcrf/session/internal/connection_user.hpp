#pragma once

#include "dcrf/runtime/authenticator.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/runtime/task.hpp"
#include "dcrf/session/internal/login.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace dcrf {

/// What a connection is closed with whose client may not be there any more.
inline constexpr std::uint16_t forbidden_code = 4403;
/// The same of one that could not be asked about.
inline constexpr std::uint16_t try_again_later_code = 1013;

/// What a connection says to `connection_user`: its driver, or the multiplexer of several.
class user_owner : public login_owner {
public:
  /// Asks what the user may from now on, and ends what it may no more.
  /// @returns whether it may stay
  virtual task<bool> check_rights() = 0;

protected:
  ~user_owner() = default;
};

/// Who the client of one connection is: found out at its handshake, and again when somebody's
/// rights have changed, or when the client brings a token.
class connection_user {
public:
  /// @param context, within, owner outlive this
  /// @param connection as its handshake is, where the user is written; outlives this
  connection_user(session_context& context, const runtime& within, user_owner& owner,
                  scope& connection)
      : context_(&context), runtime_(&within), owner_(&owner), scope_(&connection) {}
  connection_user(const connection_user&) = delete;
  connection_user& operator=(const connection_user&) = delete;

  /// Asks who the client is.
  /// @returns false if nobody, and a close is to tell the client so
  /// @throws what the authenticator throws
  task<bool> identify(authentication how);

  /// Null if the user does not change.
  [[nodiscard]] login* tokens() const noexcept { return login_.get(); }

  /// Whether it is being found out who a token on the open connection is of.
  [[nodiscard]] bool is_asking() const noexcept { return login_ && login_->is_asking(); }

  /// Asks again who the client is and what it may: when the connection is open, at once else, and
  /// once more for a token that is being looked at.
  void check_again(const authentication& how, bool is_connecting);
  /// The connection is open.
  void opened();

  /// The connection has ended.
  void stop();

private:
  void start_check(authentication how);
  task<> check(authentication how);
  task<bool> may_stay(const authentication& how);
  task<std::optional<user_info>> ask_again(const authentication& how);
  void follow_expiry(const authentication& how);

  session_context* context_;
  const runtime* runtime_;
  user_owner* owner_;
  scope* scope_;
  // Null if the user does not change.
  std::unique_ptr<login> login_;
  // What was asked for while connecting; null if nothing was.
  std::unique_ptr<authentication> check_when_open_;
  task<> checking_;
};

} // namespace dcrf
