#include "dcrf/actors/internal/session_maker.hpp"

#include "dcrf/actors/internal/server_state.hpp"
#include "dcrf/actors/sessions/internal/websocket_session.hpp"
#include "dcrf/json/json_writer.hpp"

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace dcrf::internal {

namespace {

// What a connection tells its session. Keeps the session's actor until the connection is gone.
class session_link final : public connection_handler {
public:
  session_link(caf::strong_actor_ptr handle, websocket_session* target)
      : handle_(std::move(handle)), session_(target) {}

  void on_frame(std::string_view payload, bool is_text) override {
    session_->receive(payload, is_text);
  }

  void on_drained() override { session_->drained(); }
  void on_stop() override { session_->stop(); }
  void on_closed(std::uint16_t code) override { session_->closed(code); }

private:
  caf::strong_actor_ptr handle_;
  websocket_session* session_;
};

class session_maker final : public connection_acceptor {
public:
  explicit session_maker(server_state& server) : server_(server) {}

  std::shared_ptr<connection_handler> on_websocket(io_thread& thread,
                                                   std::shared_ptr<connection> connection,
                                                   scope handshake) override {
    auto found = server_.declared.websockets.find(handshake.path);
    if (!found) {
      return nullptr;
    }
    handshake.parameters = std::move(found->parameters);
    auto& services = server_.threads.services_of(thread);
    const auto& route = *found->endpoint;
    auto actor =
        spawn_pinned<websocket_session>(thread, services, std::move(connection), route.options,
                                        session_limits{.bounds = server_.config.limits.session});
    auto* raw = caf::actor_cast<websocket_session*>(actor);
    server_.threads.keep(caf::actor_cast<session_actor>(actor));
    const auto& own = route.options.authentication;
    raw->open(route.make, std::move(handshake), own ? *own : server_.declared.authenticating);
    return std::make_shared<session_link>(caf::actor_cast<caf::strong_actor_ptr>(actor), raw);
  }

  void on_http(io_thread& thread, http_request request,
               std::function<void(http_response)> respond) override {
    if (server_.config.log_requests) {
      respond = logged(request, std::move(respond));
    }
    const auto& path = request.scope.path;
    const auto& routes = server_.pages.has(path) ? server_.pages : server_.declared.http;
    auto found = routes.find(request.method, path);
    if (auto* refused = std::get_if<http_response>(&found)) {
      respond(std::move(*refused));
      return;
    }
    auto& [handler, parameters, needs_user] = std::get<http_routes::found>(found);
    request.scope.parameters = std::move(parameters);
    static const authenticator nobody;
    const auto* authenticate = needs_user ? &server_.declared.authenticating.ask : &nobody;
    server_.threads.run_task(
        server_.threads.services_of(thread),
        [authenticate, handler = handler, request = std::move(request),
         respond = std::move(respond)](const runtime& within) mutable -> task<> {
          respond(co_await handle_http(request, within, *authenticate, *handler));
        },
        nullptr);
  }

  std::optional<std::size_t> body_size(std::string_view path) const override {
    auto found = server_.declared.body_sizes.find(path);
    return found ? std::optional{*found->endpoint} : std::nullopt;
  }

private:
  using respond_function = std::function<void(http_response)>;

  // The query may have secrets in it.
  static respond_function logged(const http_request& request, respond_function respond) {
    std::string path;
    append_json_string(path, request.scope.path);
    return [path = std::move(path), method = request.method, client = request.scope.client,
            started = std::chrono::steady_clock::now(),
            respond = std::move(respond)](http_response response) {
      std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
      spdlog::info("http: client={} method={} path={} status={} ms={:.3f}", client, method, path,
                   response.status, took.count());
      respond(std::move(response));
    };
  }

  server_state& server_;
};

} // namespace

std::shared_ptr<connection_acceptor> make_session_acceptor(server_state& server) {
  return std::make_shared<session_maker>(server);
}

} // namespace dcrf::internal
