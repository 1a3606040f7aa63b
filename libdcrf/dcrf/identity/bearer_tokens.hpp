#pragma once

#include "dcrf/identity/token_verifier.hpp"
#include "dcrf/runtime/authenticator.hpp"

#include <functional>

namespace dcrf {

/// Makes a user of the claims of a good token: looks up the row, say.
/// @throws authentication_failed if there is no such user, or none any more
using token_user = std::function<task<user_info>(const token_claims&, const runtime&)>;

/// Users are who brings a good bearer token. Who brings none is nobody, who brings a bad one is
/// refused: with 401, or, by a subprotocol, with the close code 4401.
///
///     server.authenticate(dcrf::bearer_tokens({.keys_file = "/etc/notes/keys.json",
///                                              .algorithms = {"RS256"},
///                                              .issuer = "https://login.example.org",
///                                              .audience = "notes"}));
///
/// @param find by default the user's key and name are the token's `sub`, and `extra` has its
/// claims.
///             Its `expires` is set to the end of the token if it has none that is earlier.
/// @throws as the constructor of token_verifier
authentication bearer_tokens(token_rules rules, token_user find = nullptr);

} // namespace dcrf
