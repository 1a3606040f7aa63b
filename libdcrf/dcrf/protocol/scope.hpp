#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/model/key.hpp"
#include "dcrf/model/timestamp.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

/// Who is on the other side of a connection, as Django's `request.user`.
struct user_info {
  /// The primary key of the user's row; null for an anonymous user.
  key pk;
  std::string username;
  bool is_staff = false;
  /// What else `authenticate` knows of the user, as JSON: roles, a tenant, the claims of a token.
  json_text extra{};
  /// Until when that holds: then a connection is closed with 4401, unless its client has brought a
  /// new token meanwhile. Nothing for a user who may stay.
  std::optional<timestamp> expires{};

  [[nodiscard]] bool is_authenticated() const noexcept { return !pk.is_null(); }
};

/// What is known of a connection from its handshake, as the scope of Django Channels. It does not
/// change while the connection lives, but for the user when the client brings a new token, or is
/// asked for anew.
struct scope {
  /// Names and values in the order of their arrival; names of headers are lower-case.
  using pairs = std::vector<std::pair<std::string, std::string>>;

  /// The percent-decoded path, without the query.
  std::string path;
  /// The query as it came, without the question mark.
  std::string query_string;
  /// All but those of the WebSocket handshake itself.
  pairs headers;
  /// The parameters of the route's pattern: `/ws/talk/<int:number>/` gives `number`.
  pairs parameters;
  /// The address of the client, without its port: what a trusted proxy says of it, or the peer's.
  std::string client;
  /// How the client reaches the server: `http` or `https`, the host with its port as in `Host`, and
  /// the path in front of all others, as in `/chat`. They are what a trusted proxy says; without
  /// one, `https` is what came by TLS.
  std::string scheme = "http";
  std::string host;
  std::string prefix;
  dcrf::user_info user;

  /// The value of a header, by its lower-case name; the first one counts.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

  /// The percent-decoded value of a query parameter; the last one counts.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;

  /// All names and values of the query, percent-decoded, in their order.
  [[nodiscard]] pairs query_pairs() const;

  /// The value of a cookie (RFC 6265, section 5.4); the first one counts.
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;

  /// The subprotocols that the client of a WebSocket offers, in its order of preference.
  [[nodiscard]] std::vector<std::string_view> subprotocols() const;

  /// The value of a route parameter; empty if the route has none of that name.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

} // namespace dcrf
