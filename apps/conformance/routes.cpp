#include "conformance/routes.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>

#include "conformance/accounts.hpp"
#include "conformance/actions.hpp"
#include "conformance/chat.hpp"
#include "conformance/comments.hpp"
#include "conformance/control.hpp"
#include "conformance/objects.hpp"
#include "conformance/pages.hpp"
#include "conformance/permissions.hpp"
#include "conformance/presence.hpp"
#include "conformance/signals.hpp"
#include "conformance/streams.hpp"
#include "conformance/views.hpp"

namespace conformance {

namespace {

constexpr std::size_t largest_echo = std::size_t{16} * 1024 * 1024;

// How the client reaches the server, as that sees it.
dcrf::task<dcrf::http_response> show_connection(dcrf::http_request& request, const dcrf::runtime&) {
  const auto& x = request.scope;
  dcrf::json seen{
      {"client", x.client}, {"scheme", x.scheme}, {"host", x.host}, {"prefix", x.prefix}};
  co_return dcrf::http_response::with(200, "application/json", seen.dump());
}

} // namespace

void add_routes(dcrf::server& server) {
  server.websocket<user_consumer>("/ws/users/");
  server.websocket<named_user_consumer>("/ws/users-by-name/");
  server.websocket<sample_consumer>("/ws/samples/");
  server.websocket<gadget_consumer>("/ws/gadgets/");
  server.websocket<ticket_consumer>("/ws/tickets/");
  server.websocket<account_consumer>("/ws/accounts/");
  server.websocket<room_consumer>("/ws/rooms/");
  server.websocket<plain_room_consumer>("/ws/rooms-plain/");
  server.websocket<member_room_consumer>("/ws/member-rooms/");

  server.websocket<paginated_consumer>("/ws/paginated/");
  server.websocket<unlimited_consumer>("/ws/paginated-no-default/");
  server.websocket<unpaginated_consumer>("/ws/paginated-off/");
  server.websocket<streamed_consumer>("/ws/streamed/");
  server.websocket<slow_streamed_consumer>("/ws/streamed-slow/");

  server.websocket<action_consumer>("/ws/actions/");
  server.websocket<echo_consumer>(
      "/echo/", {.message_size = largest_echo, .compression = {.is_offered = true}});
  server.websocket<lobby_consumer>("/ws/lobby/");
  server.websocket<talk_consumer>("/ws/talk/<int:number>/<slug:name>/");
  server.websocket<method_key_consumer>("/ws/method-key/");

  server.websocket<comment_consumer>("/ws/comments/");
  server.websocket<live_comment_consumer>("/ws/comments-live/");
  server.websocket<own_comment_consumer>("/ws/own-comments/");
  server.websocket<signal_consumer>("/ws/signals/");

  add_permissions(server);
  add_views(server);
  add_streams(server);

  server.http("GET", "/connection", &show_connection);
  server.websocket<chat_consumer>("/ws/chat/room/");
  server.websocket<presence_consumer>("/ws/presence/");
  server.websocket<control_consumer>("/ws/control/", std::ref(server));
}

dcrf::task<dcrf::user_info> authenticate(const dcrf::scope& connection,
                                         const dcrf::runtime& within) {
  auto name = connection.query("user");
  if (!name) {
    co_return dcrf::user_info{};
  }
  auto named = dcrf::query<user>{}.filter(dcrf::column<&user::username> == *name);
  auto found = co_await within.repository<user>().first(named);
  if (!found) {
    co_return dcrf::user_info{};
  }
  dcrf::user_info result;
  result.pk = found->id;
  result.username = std::move(found->username);
  result.is_staff = found->is_staff;
  co_return result;
}

} // namespace conformance
