#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/consumer/served.hpp"
#include "dcrf/json/json.hpp"
#include "dcrf/session/endpoint.hpp"
#include "dcrf/store/schema.hpp"
#include "dcrf/view/http_view.hpp"
#include "dcrf/view/static_files.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

class test_session;

/// Runs consumers in a test without sockets, threads and actors, on a SQLite database in memory:
/// the counterpart of Channels' WebsocketCommunicator.
///
///     dcrf::test_server server{dcrf::schema::of<user, room, message>()};
///     server.websocket<room_consumer>("/ws/chat/room/");
///     auto session = server.connect("/ws/chat/room/");
///     session.send({{"action", "list"}, {"request_id", 1}});
///     REQUIRE(session.receive()["response_status"] == 200);
///
/// What fails with an unexpected exception, and is answered with 500, is told on stderr.
///
/// Time passes only while a session waits for a frame and nothing else is left to do; then it jumps
/// to the next timer.
class test_server {
public:
  explicit test_server(schema models);
  test_server(const test_server&) = delete;
  test_server& operator=(const test_server&) = delete;
  ~test_server();

  // Declarations throw std::invalid_argument for what would be the error of a server's start.

  /// Serves a consumer, made from `arguments` for each connection, or a demultiplexer.
  template <class Subject, class... Arguments>
  void websocket(std::string_view pattern, Arguments... arguments) {
    auto make = endpoint_of<Subject>(std::move(arguments)...);
    if constexpr (detail::can_be_served<Subject>()) {
      serve(detail::served_classes<Subject>());
    }
    websocket(pattern, std::move(make));
  }
  void websocket(std::string_view pattern, endpoint make);

  /// Answers a method of a path over HTTP.
  void http(std::string_view method, std::string_view pattern, http_handler handler);
  /// The same, for a handler that does not need to know who asks.
  void http(std::string_view method, std::string_view pattern, http_handler handler,
            without_user_t);
  /// Answers all methods of a path that no other handler of it does.
  void http(std::string_view pattern, http_handler handler);

  /// Answers requests for paths that there is nothing else for; without it, they get 404 with JSON.
  /// The handler does not learn who asks.
  void not_found(http_handler handler);

  /// Serves files below a path that ends with `/`, to everybody.
  void static_files(std::string_view path, const dcrf::static_files& files);

  /// Serves a view over HTTP: `/api/items/<int:pk>/`.
  template <class View>
  void view(std::string_view pattern) {
    serve(detail::served_classes<View>());
    http(pattern, http_view<View>());
  }

  /// Serves a view set over HTTP, on a path that ends with `/` and on the paths below it.
  template <class ViewSet>
  void view_set(std::string_view path) {
    serve(detail::served_classes<ViewSet>());
    add_view_set<ViewSet>(path, [this](const std::string& pattern, http_handler handler) {
      http(pattern, std::move(handler));
    });
  }

  /// Finds out who the user of a connection or an HTTP request is; without it, whom `connect` or
  /// `fetch` names.
  void authenticate(authenticator x);
  /// The same, of clients that may bring tokens.
  void authenticate(authentication x);

  /// Connects to a path, which may have a query.
  test_session connect(std::string_view target, user_info as = {});
  /// The same with headers, a user and whatever else the handshake says.
  test_session connect(std::string_view target, dcrf::scope handshake);

  /// Asks over HTTP, without a body or with one of JSON.
  http_response fetch(std::string_view method, std::string_view target, user_info as = {});
  http_response fetch(std::string_view method, std::string_view target, const json& body,
                      user_info as = {});
  /// Asks over HTTP what `request` says; its scope's path and query are those of `target`.
  http_response fetch(std::string_view target, http_request request);

  /// Runs a task to its end and returns its result: `server.run(server.runtime()…)`, to prepare and
  /// to look into the database.
  template <class T>
  T run(task<T> x) {
    activity running;
    start_as(running, [&x] { x.start(); });
    run_until("the end of a task", [&] { return x.done(); });
    end(running);
    return x.take();
  }

  /// For tasks of the test itself.
  [[nodiscard]] const dcrf::runtime& runtime() const noexcept;

  /// How many (group, session) pairs there are.
  [[nodiscard]] std::size_t memberships() const noexcept;

private:
  friend class test_session;
  struct state;
  class session;
  class hub;

  /// Starts a task of the test itself, which may open transactions in `running`.
  void start_as(activity& running, const std::function<void()>& start);
  void end(const activity& running);
  void serve(const std::vector<detail::served_class>& classes) const;
  /// Works until the condition holds, letting time jump, by a week at most.
  /// @param what is waited for, in words
  /// @throws std::logic_error if nothing is left to do before: says what was waited for, and what
  ///         failed before
  void run_until(std::string_view what, const std::function<bool()>& condition);
  /// Works until nothing is left to do now, without letting time pass.
  void settle();

  std::unique_ptr<state> state_;
};

/// One client of a test_server. The connection ends with the object.
class test_session {
public:
  test_session(test_session&&) noexcept;
  test_session& operator=(test_session&&) noexcept;
  ~test_session();

  /// Whether the handshake was accepted; if not, `refused_with` has the HTTP status.
  [[nodiscard]] bool is_accepted() const noexcept;
  [[nodiscard]] unsigned refused_with() const noexcept;

  void send(const json& frame);
  void send_text(std::string_view frame);
  /// Sends frames that arrive together: the last one is there before the first one is answered.
  void send_together(const std::vector<json>& frames);
  void send_binary(std::string_view frame);

  /// The next frame.
  /// @throws std::logic_error if none comes, with what failed before
  json receive();
  /// The same, as it came.
  /// @throws std::logic_error if it is binary
  std::string receive_text();
  /// The next frame, which is binary.
  /// @throws std::logic_error if none comes, or a text
  std::string receive_bytes();

  /// The subprotocol that the consumer chose; empty if it chose none.
  [[nodiscard]] const std::string& subprotocol() const noexcept;

  /// Whether no frame is waiting, and none comes without time passing.
  bool is_silent();

  /// The code that the consumer closed the connection with.
  [[nodiscard]] std::optional<std::uint16_t> close_code() const noexcept;

  /// Ends the connection, and lets the consumer's hook run.
  void disconnect();

private:
  friend class test_server;
  test_session(test_server& server, std::shared_ptr<test_server::session> session);

  std::string receive_frame(bool is_text);

  test_server* server_;
  std::shared_ptr<test_server::session> session_;
};

} // namespace dcrf
