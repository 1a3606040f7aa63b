#pragma once

#include "dcrf/protocol/scope.hpp"
#include "dcrf/runtime/authenticator.hpp"
#include "dcrf/runtime/context.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace dcrf {

/// Handles what comes to one session: the driver of one consumer, or the multiplexer of several.
/// Used by whoever implements session_context, on the session's thread.
class session_handler {
public:
  session_handler() = default;
  session_handler(const session_handler&) = delete;
  session_handler& operator=(const session_handler&) = delete;
  virtual ~session_handler() = default;

  /// Starts the handshake: authenticates, asks permissions, runs the consumers' hooks, then accepts
  /// or refuses.
  virtual void connect(const authentication& how) = 0;

  /// Who the client is, as far as is known.
  [[nodiscard]] virtual const user_info& user() const noexcept = 0;

  /// Asks again who the client is, and what it may: subscriptions that are not allowed any more end
  /// with 403, and a connection that may not stay is closed with 4403.
  virtual void check_again(const authentication& how) = 0;
  /// Whether it is being found out who a token on the open connection is of.
  [[nodiscard]] virtual bool is_asking_for_user() const = 0;

  /// A frame of the client.
  virtual void receive(std::string_view payload, bool is_text) = 0;

  /// The connection is about to close: nothing that waits or comes is handled any more.
  virtual void stop() = 0;

  /// The connection is gone: drops events, ends detached actions, and, when the requests that came
  /// before have been handled, runs the consumers' hooks and calls `session_context::finished`.
  /// @param code why it has closed (RFC 6455, section 7.1.5): 1006 without a close frame
  /// @pre not called by a coroutine of a consumer, so not from within `send` or `close` either
  virtual void disconnect(std::uint16_t code) = 0;

  /// Ends everything now, without the consumers' hooks.
  /// @pre not called by a coroutine of a consumer
  virtual void abort() = 0;
};

/// Makes the handler of a connection.
/// @throws what the constructor of a consumer throws
using endpoint = std::function<std::unique_ptr<session_handler>(session_context&, scope)>;

} // namespace dcrf
