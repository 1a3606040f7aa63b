#pragma once

#include "dcrf/actors/config.hpp"
#include "dcrf/actors/messages.hpp"
#include "dcrf/actors/websocket_options.hpp"
#include "dcrf/consumer/served.hpp"
#include "dcrf/session/endpoint.hpp"
#include "dcrf/store/database.hpp"
#include "dcrf/store/migration.hpp"
#include "dcrf/view/http_view.hpp"
#include "dcrf/view/static_files.hpp"

#include <caf/actor_system.hpp>

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

namespace cluster {
struct node_status;
} // namespace cluster

namespace internal {
class server_state;
} // namespace internal

/// A server: the database, the I/O threads, the routes and the sessions of one process.
///
///     dcrf::server server{system};
///     server.models<user, room, message>();
///     server.websocket<room_consumer>("/ws/chat/room/");
///     return server.run();
///
/// Everything is declared before `start` or `run`, on one thread. A declaration that can't stand,
/// like a second route of one path or a consumer over a model that is not listed, is the error of
/// the start.
class server {
public:
  /// @param system was made with a dcrf::actor_system_config
  explicit server(caf::actor_system& system);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// Stops the server if it runs.
  ~server();

  // -- declarations -------------------------------------------------------------------------------

  /// The models of the database.
  template <class... Models>
  void models() {
    declare([this] { models(schema::of<Models...>()); });
  }
  void models(schema x);

  /// What is to be done to the database of an earlier version of the program, where the models
  /// alone don't say: steps, taken once, in their order. The option `--migrate` says whether.
  void migrations(std::vector<migration> x);

  /// Serves a consumer or a demultiplexer on a path: `/ws/chat/room/`, `/ws/talk/<int:number>/`.
  /// Each connection has a consumer of its own, made from `arguments`.
  template <class Subject, class... Arguments>
  void websocket(std::string_view pattern, Arguments... arguments) {
    auto make = endpoint_of<Subject>(std::move(arguments)...);
    if constexpr (detail::can_be_served<Subject>()) {
      serve(detail::served_classes<Subject>());
    }
    websocket(pattern, std::move(make));
  }
  /// The same, for paths that take larger messages than others, or compress.
  template <class Subject, class... Arguments>
  void websocket(std::string_view pattern, const websocket_options& options,
                 Arguments... arguments) {
    auto make = endpoint_of<Subject>(std::move(arguments)...);
    if constexpr (detail::can_be_served<Subject>()) {
      serve(detail::served_classes<Subject>());
    }
    websocket(pattern, std::move(make), options);
  }
  void websocket(std::string_view pattern, endpoint make, const websocket_options& options = {});

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

  /// Paths of a pattern take bodies of so many bytes, instead of `--body-size`: those of views that
  /// take files. A body is in memory as a whole until it is answered, so the bound says what a
  /// client may make the server hold.
  void body_size(std::string_view pattern, std::size_t bytes);

  /// Serves a view over HTTP: `/api/items/<int:pk>/`.
  template <class View>
  void view(std::string_view pattern) {
    serve(detail::served_classes<View>());
    http(pattern, http_view<View>());
  }

  /// Serves a view set over HTTP, on a path that ends with `/` and on the paths below it, as DRF's
  /// router does.
  template <class ViewSet>
  void view_set(std::string_view path) {
    serve(detail::served_classes<ViewSet>());
    declare([this, path] {
      add_view_set<ViewSet>(path, [this](const std::string& pattern, http_handler handler) {
        http(pattern, std::move(handler));
      });
    });
  }

  /// Finds out who the user of a connection or an HTTP request is; without it, nobody is.
  void authenticate(authenticator x);
  /// The same, where users may expire and bring tokens: see `bearer_tokens`.
  void authenticate(authentication x);

  /// Runs a task before the server listens: to tidy up after a crash, say. If it fails, the server
  /// does not start. On nodes that have a database only; where several share one, after those that
  /// run have said who is present there.
  void on_start(std::function<task<>(const runtime&)> body);

  /// Runs a task after somebody came or went under a key of presence, on whatever node: to keep
  /// what the database says of it true, say. One at a time; of several changes under one key, the
  /// last one is enough. If the database can't be reached, it is run again later. On nodes that
  /// have a database only.
  void on_presence(std::function<task<>(const runtime&, const std::string& key)> body);

  /// Runs a task again and again: to remind people, to delete what nobody needs any more. The first
  /// time when `period` has passed since the start, then `period` after the beginning of the last
  /// run, or at its end if it took longer: never two at once. One that throws is told in the log.
  ///
  /// In a cluster each task runs on one node only: on the one that has the database, or, where
  /// several write to one PostgreSQL, on any one of them, and on another one when that is gone.
  /// @param period at least a millisecond
  void every(std::chrono::nanoseconds period, std::function<task<>(const runtime&)> body);

  // -- running ------------------------------------------------------------------------------------

  /// Opens the database, starts the threads and listens.
  /// @returns an error in words if that can't be done; nothing runs then, and another start may do
  caf::error start();

  /// Starts, prints `listening on http://ADDRESS:PORT` for each address, and serves until SIGINT or
  /// SIGTERM. Whoever started it and wants to know (`NOTIFY_SOCKET`, sd_notify(3)) is told. For
  /// programs that are a server and nothing else: fixes the size from which malloc takes memory
  /// from the system, so that what large messages took goes back there. After SIGTERM it is not
  /// ready any more, and goes on to serve for `--drain`. With `--migrate=plan` it prints what would
  /// be done to the database, with `--dump` and `--load` it writes or reads rows, and does nothing
  /// else.
  /// @returns the exit code of the program: 0 after a stop, 1 with a line on stderr if it could not
  ///          start
  int run();

  /// Reads the certificates again, and uses them for those who connect from now on; whoever is
  /// connected stays. `run` does so at SIGHUP. From any thread, but not from two at once.
  /// @returns an error in words if one of the files can't be used; what was read before stays then
  caf::error reload();

  /// Stops: accepts nothing any more, closes the connections with 1012, many of them one after the
  /// other, lets running actions end, and commits. Takes at most 10 s, or as long as offloaded work
  /// that has begun. From any thread but the server's own, and not from two at once. A second call
  /// does nothing.
  void stop();

  /// The port that is listened on; 0 if the server does not run.
  [[nodiscard]] std::uint16_t port() const noexcept;

  // -- composing with actors of the application, between `start` and `stop` -----------------------

  /// The repository of a model.
  /// @throws std::out_of_range if there is none
  template <model_type T>
  [[nodiscard]] repository_actor repository() const {
    return repository(model_of<T>());
  }
  [[nodiscard]] repository_actor repository(const model_descriptor& model) const;

  /// The actor through which others watch groups: send it join_group.
  [[nodiscard]] group_actor groups() const;

  /// The name of this node in its cluster; empty if it is none.
  [[nodiscard]] const std::string& node_name() const noexcept;

  /// The sessions that run now, those included that are still connecting, which ignore frames. From
  /// any thread.
  [[nodiscard]] std::vector<session_actor> sessions() const;

  /// What a user may has changed: on all nodes, its connections ask the authenticator and the
  /// permissions again. Subscriptions that are not allowed any more end with 403 under their
  /// request id, and a connection that may not stay is closed with 4403. From any thread.
  /// @param user the primary key that `authenticate` gives
  void revoke(const key& user) const;

  /// Closes the connections of a user, on all nodes. It may connect again if it is let in. From any
  /// thread.
  /// @param code 4000 to 4999
  void kick(const key& user, std::uint16_t code = 4403) const;

  /// The number of sessions, of (group, session) pairs and of lists that are watched now. From any
  /// thread.
  struct statistics {
    std::size_t sessions = 0;
    std::size_t memberships = 0;
    std::size_t live_queries = 0;
  };
  [[nodiscard]] statistics stats() const;

  /// What the feed of the database keeps; nothing if there is none here. Waits for the database: to
  /// be called on a thread of the application, or within `offload`.
  [[nodiscard]] std::optional<feed::extent> feed_extent() const;
  /// Has the feed forget all that it can: all but its newest entry. Waits as `feed_extent` does.
  /// @returns what it keeps then
  std::optional<feed::extent> prune_feed();

private:
  // Notes why a declaration can't stand.
  void declare(const std::function<void()>& declaration);
  void serve(std::vector<detail::served_class> classes);

  friend class node;

  [[nodiscard]] channel_layer& channels() const noexcept;
  [[nodiscard]] std::vector<cluster::node_status> other_nodes() const;
  [[nodiscard]] repository_actor repository_of(const std::string& node,
                                               const model_descriptor& model) const;
  [[nodiscard]] node_sessions_actor sessions_of(const std::string& node) const;

  std::unique_ptr<internal::server_state> state_;
};

} // namespace dcrf
