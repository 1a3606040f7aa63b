#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/model/timestamp.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// Which bearer tokens are good: JSON Web Tokens (RFC 7519) with a signature (RFC 7515).
struct token_rules {
  /// A file with the keys (a JWK set, RFC 7517). It is read again when it has changed: a key that
  /// is in it no more stops to count within a second, and one that was added counts as soon.
  std::string keys_file;
  /// Those of `HS256`, `RS256` and `ES256` that are accepted, whatever a token says of itself.
  std::vector<std::string> algorithms;
  /// Whom `iss` has to name.
  std::string issuer;
  /// Whom `aud` has to name, alone or among others.
  std::string audience;
  /// By how much the clocks of the issuer and of this server may differ.
  std::chrono::seconds leeway{30};
};

/// What a good token says.
struct token_claims {
  /// Whom the token is about; empty if it does not say.
  std::string subject;
  /// All its claims, an object.
  json_text all;
  /// When it ends: `exp`, or the end of the leeway behind it, if only that is left.
  timestamp expires;
};

/// Tells good tokens from bad ones. Safe to use from any thread.
class token_verifier {
public:
  /// Reads the keys.
  /// @throws std::invalid_argument if the rules are no rules: without an algorithm that is known,
  /// an
  ///         issuer or an audience
  /// @throws std::runtime_error if the keys can't be read, or one is too short for its algorithm
  explicit token_verifier(token_rules rules);
  token_verifier(token_verifier&&) noexcept;
  token_verifier& operator=(token_verifier&&) noexcept;
  ~token_verifier();

  /// @param token in the compact form
  /// @throws authentication_failed, with a text that tells nothing of the keys
  [[nodiscard]] token_claims verify(std::string_view token) const;

  /// Why the file of the keys could not be read again, once for each time that it was tried; the
  /// keys from before hold meanwhile. Null if it could.
  [[nodiscard]] std::exception_ptr take_failure() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace dcrf
