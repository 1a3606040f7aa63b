#include "conformance/permissions.hpp"

#include "conformance/revocable.hpp"

namespace conformance {

bool is_eve_permission::has_permission(const dcrf::request& req) const {
  return req.user().is_authenticated() && req.user().username == "eve";
}

bool is_eve_in_views_permission::allows(const dcrf::user_info& who, std::string_view) const {
  return who.is_authenticated() && who.username == "eve";
}

bool staff_connection_permission::can_connect(const dcrf::scope& connection) const {
  return connection.user.is_staff;
}

bool may_read_permission::has_permission(const dcrf::request& req) const {
  return req.action() == "read" || req.user().is_authenticated();
}

bool knows_secret_permission::has_permission(const dcrf::request& req) const {
  auto secret = req.argument("secret");
  return secret && secret->type() == dcrf::json_type::text && secret->text() == "xyzzy";
}

void add_permissions(dcrf::server& server) {
  using dcrf::authenticated_connection;
  using dcrf::is_authenticated;
  using dcrf::is_staff;
  namespace drf = dcrf::drf;
  server.websocket<guarded_consumer<dcrf::allow_any>>("/ws/perms/any/");
  server.websocket<guarded_consumer<>>("/ws/perms/none/");
  server.websocket<guarded_consumer<is_authenticated>>("/ws/perms/authenticated/");
  server.websocket<guarded_consumer<is_authenticated && is_staff>>("/ws/perms/and/");
  server.websocket<guarded_consumer<is_staff || is_eve>>("/ws/perms/or/");
  server.websocket<guarded_consumer<!is_authenticated>>("/ws/perms/not/");
  server.websocket<guarded_consumer<is_staff || (is_authenticated && !is_eve)>>(
      "/ws/perms/complex/");
  server.websocket<guarded_consumer<is_authenticated, is_staff>>("/ws/perms/all/");
  server.websocket<member_consumer>("/ws/perms/connect/");
  server.websocket<guarded_consumer<authenticated_connection && staff_connection>>(
      "/ws/perms/connect-and/");
  server.websocket<guarded_consumer<staff_connection || authenticated_connection>>(
      "/ws/perms/connect-or/");
  server.websocket<guarded_consumer<!staff_connection>>("/ws/perms/connect-not/");
  server.websocket<guarded_consumer<may_read>>("/ws/perms/by-action/");
  server.websocket<guarded_consumer<knows_secret>>("/ws/perms/by-argument/");
  server.websocket<guarded_consumer<all_but<"write">>>("/ws/perms/sync/");
  server.websocket<guarded_consumer<drf::is_authenticated>>("/ws/perms/drf-authenticated/");
  server.websocket<guarded_consumer<drf::is_authenticated_or_read_only>>(
      "/ws/perms/drf-read-only/");
  server.websocket<
      guarded_consumer<drf::is_admin_user || (drf::is_authenticated && !is_eve_in_views)>>(
      "/ws/perms/drf-complex/");
  server.websocket<guarded_consumer<is_staff && drf::is_authenticated>>("/ws/perms/mixed/");
  server.websocket<observed_consumer>("/ws/perms/observed/");
  server.websocket<revocable_consumer>("/ws/perms/revoke/");
}

} // namespace conformance
