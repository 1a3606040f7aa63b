#pragma once

#include "dcrf/fwd.hpp"
#include "dcrf/protocol/scope.hpp"
#include "dcrf/runtime/task.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chat {

/// Signing up, logging in and out, over HTTP with JSON:
///
/// | request | answer |
/// | --- | --- |
/// | `GET /api/session` | 200 `{"user": {"id": 1, "username": "ann"}}`, or `{"user": null}` |
/// | `POST /api/signup {"username", "password"}` | 201 the same, logged in; 400 with errors by
/// field | | `POST /api/login {"username", "password"}` | 200 the same; 400 | | `POST /api/logout`
/// | 204 |
///
/// A login is a row in the database and a cookie (HttpOnly, SameSite=Lax) with its token. Requests
/// that change something must have the type application/json and must not come from a foreign page,
/// which is what keeps other sites from making them.
/// @param allowed_origins of pages that are not foreign, besides those of the own host
void add_accounts(dcrf::server& server, const std::vector<std::string>& allowed_origins);

/// Finds the user of a connection or request by the cookie.
dcrf::task<dcrf::user_info> authenticate(const dcrf::scope& connection,
                                         const dcrf::runtime& within);

/// Gives a key to the names of users that have none yet, when a server starts.
dcrf::task<> note_name_keys(const dcrf::runtime& within);

/// The primary key of the login that a connection's cookie says it is of.
[[nodiscard]] std::optional<std::string> login_of(const dcrf::scope& connection);

/// The free group that is told `{"logged_out": true}` when a login ends.
[[nodiscard]] std::string group_of_login(const std::string& token_hash);

} // namespace chat
