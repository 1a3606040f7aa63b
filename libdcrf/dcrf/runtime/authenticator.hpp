#pragma once

#include "dcrf/protocol/scope.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/runtime/task.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

namespace dcrf {

/// Finds out who the user of a connection is, from the scope that its handshake made.
using authenticator = std::function<task<user_info>(const scope&, const runtime&)>;

/// How it is found out who is on the other side of a connection.
struct authentication {
  authentication() = default;
  authentication(std::nullptr_t) {}                      // NOLINT: nobody is asked
  authentication(authenticator x) : ask(std::move(x)) {} // NOLINT: as most say it

  /// Null if nobody is anybody.
  authenticator ask{};

  /// Whether a client may bring a token on the open connection, by the action `authenticate` with
  /// the argument `token`: then `ask` is asked again, with `Bearer TOKEN` as the header
  /// `authorization`. A consumer that has an action of this name keeps it.
  bool takes_tokens = false;

  /// If set, who comes without a user is let in for so long, has to bring a token meanwhile, and is
  /// answered 401 until then.
  std::optional<std::chrono::milliseconds> patience{};

  /// So long before its user expires a client is told, or at half of the time that is left, if that
  /// is later. Only where it may bring a token.
  std::chrono::milliseconds notice = std::chrono::seconds{60};
};

/// The token that a client brings by the header `Authorization: Bearer TOKEN` or, from a browser,
/// as one of the subprotocols that it offers, `dcrf.bearer.TOKEN` beside `dcrf`. Valid as long as
/// the scope.
[[nodiscard]] std::optional<std::string_view> bearer_token(const scope& connection);

} // namespace dcrf
