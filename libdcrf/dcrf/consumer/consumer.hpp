#pragma once

#include "dcrf/consumer/consumer_session.hpp"
#include "dcrf/consumer/declarations.hpp"
#include "dcrf/consumer/hooks.hpp"
#include "dcrf/consumer/serialize.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/listing/declarations.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/serializer/hypermedia.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

// A task that nobody awaits does nothing: whoever writes a consumer has forgotten a co_await.
#pragma GCC diagnostic error "-Wunused-result"

namespace dcrf {

/// What a consumer's type says about it.
struct consumer_descriptor {
  /// For logs.
  std::string_view name{};
  std::span<const action_descriptor> actions;
  /// Null if `ask_connection` has to be asked, which is null else.
  bool (*can_connect)(const scope&) = nullptr;
  bool (*has_permission)(const request&) = nullptr;
  /// Null if no permission is asked about rows.
  bool (*has_object_permission)(const request&, const instance&) = nullptr;
  std::span<const throttle_descriptor> throttles{};
  /// The consumer's type, if it leaves all hooks around a write as they are. One that is derived
  /// from it may not.
  const std::type_info* without_write_hooks = nullptr;
  /// The same of the hooks that run when a row was saved, and before the reply shows it.
  const std::type_info* without_hooks_after_saves = nullptr;
  /// Whether text frames are for `received_text`, and are no requests.
  bool takes_texts = false;
  task<bool> (*ask_connection)(const scope&, const runtime&) = nullptr;
  /// Has to be asked before `has_permission`; null if no permission awaits.
  task<bool> (*ask_request)(const request&, const runtime&) = nullptr;
  /// Whether the queryset awaits.
  bool awaits_rows = false;
  /// Whether what was allowed once may be refused later.
  bool may_refuse = false;

  /// Whether something has to be awaited before a request is answered.
  [[nodiscard]] bool awaits() const noexcept { return ask_request != nullptr || awaits_rows; }

  [[nodiscard]] const action_descriptor* find(std::string_view action) const noexcept;
};

/// What answers one connection, or one stream of a multiplexed one. Derive from api_consumer or
/// model_consumer.
///
/// A consumer lives on one thread. Its requests and events are handled one after the other: the
/// next one starts when the action or handler of the one before has ended.
class consumer {
public:
  consumer() = default;
  consumer(const consumer&) = delete;
  consumer& operator=(const consumer&) = delete;
  virtual ~consumer();

  [[nodiscard]] virtual const consumer_descriptor& descriptor() const = 0;

  /// Called by the session that runs this consumer, before anything else.
  void attach(consumer_session& x) noexcept { session_ = &x; }

  // -- hooks --------------------------------------------------------------------------------------

  /// Runs at the handshake, after the permissions agreed; the client is accepted when it ends. An
  /// exception refuses the client: permission_denied with HTTP 403.
  virtual task<> connected() { return {}; }

  /// Runs when the connection has ended, however it ended, and the requests that the client had
  /// sent before are handled. Frames can't be sent any more, and the groups are left already. A
  /// client that closes sees the end of its socket after this.
  /// @param code what the client closed with, or its answer to the server's close; 1005 if it said
  /// nothing, 1006 if the connection broke. For a stream that the consumer closed, its own code.
  virtual task<> disconnected([[maybe_unused]] std::uint16_t code) { return {}; }

  /// Handles a message of a free group; by default it is sent on as a frame.
  virtual task<> received(const group_message& message);

  /// Handles a binary message of the client, in its turn among the requests. By default it is
  /// answered with 400, as what is no request. The permissions of the connection have been asked,
  /// but none for requests: a binary message names no action. Throttles count it.
  /// @param bytes at most as many as the route's `message_size`
  virtual task<> received_bytes(std::string bytes);

  /// Handles a text of the client in the same way. A consumer that overrides this has no actions:
  /// whatever its clients send comes here.
  virtual task<> received_text(std::string text);

  /// Runs when messages of a group may have been lost, because the link to another node was down.
  /// By default tells the client: for each request id that subscribed to the group, a reply with
  /// the action `missed` and the status 205. Subscriptions to one row read it again instead.
  /// @param request_ids those that subscribed to the group; empty for a free group
  virtual task<> missed(const group_message& message, const std::vector<std::string>& request_ids);

  /// Whether a subscription that a request has made may go on: asked after `server.revoke`, when
  /// the permissions have agreed anew. Where an action asks by itself who may subscribe, this asks
  /// it again. If not, the client is told 403 under the id of the request.
  [[nodiscard]] virtual task<bool> may_stay_subscribed([[maybe_unused]] const request& req) {
    co_return true;
  }

  /// The name of the action that a request asks for, which its reply repeats; by default its member
  /// `action`. A JSON value, since clients send others than texts, which name no action. Nothing if
  /// there is no name.
  virtual std::optional<json_text> action_name(const request& req) const;

  // -- for the session ----------------------------------------------------------------------------

  /// Asks the permissions and the queryset that await, before anything is done for a request.
  task<> prepare(request& req);
  /// The same for the events that come next.
  virtual task<> prepare_events() { return {}; }
  /// What was asked for events holds no more.
  virtual void forget_answers() {}
  /// Whether the consumer's client may still be told of a group that it is in; true for groups of
  /// the application.
  [[nodiscard]] virtual task<bool> may_stay_in(const group_name& group);

  // -- for actions, hooks and handlers ------------------------------------------------------------

  // They need the session, which the consumer has from connected() on; in its constructor they
  // throw std::logic_error.

  [[nodiscard]] const dcrf::scope& scope() const;
  [[nodiscard]] const dcrf::user_info& user() const { return scope().user; }

  /// What may be awaited: repositories, time, work on other threads.
  [[nodiscard]] const dcrf::runtime& runtime() const;

  template <class T>
  [[nodiscard]] auto repository() const {
    return runtime().repository<T>();
  }

  template <auto Member>
  [[nodiscard]] related_rows<Member> related(key x) const {
    return runtime().related<Member>(std::move(x));
  }

  /// `co_await create<message_serializer>(draft)`: checks a new row as full_clean does, stores it,
  /// and shows it with what the serializer shows of related rows, all in one command.
  /// @throws validation_error with what is wrong with all fields; store_failure (invalid) if a
  ///         unique value is taken or a reference finds nothing
  template <class S>
  task<json_text> create(const typename S::model_type& draft) const {
    return dcrf::create<S>(runtime(), draft, &user());
  }
  /// The same for all fields of a row that exists.
  /// @throws as create; store_failure (not_found)
  template <class S>
  task<json_text> update(const typename S::model_type& x) const {
    return dcrf::update<S>(runtime(), x, &user());
  }
  /// The same for some of the fields: `update<article_serializer, &article::status>(found)`.
  template <class S, auto First, auto... Rest>
  task<json_text> update(const typename S::model_type& x) const {
    return dcrf::update<S, First, Rest...>(runtime(), x, &user());
  }
  /// `co_await update<account_serializer>(pk, increment<&account::balance>(5))`: changes columns of
  /// the row with a primary key, and shows it as it is then.
  template <class S, class... Changes>
    requires(sizeof...(Changes) > 0)
  task<json_text> update(const key& x, Changes... changes) const {
    return dcrf::update<S>(runtime(), x, &user(), std::move(changes)...);
  }
  template <class S, class Row>
    requires std::same_as<Row, typename S::model_type>
  task<json_text> create(Row&& draft) const {
    return dcrf::create<S>(runtime(), std::forward<Row>(draft), &user());
  }
  template <class S, class Row>
    requires std::same_as<Row, typename S::model_type>
  task<json_text> update(Row&& x) const {
    return dcrf::update<S>(runtime(), std::forward<Row>(x), &user());
  }

  // What is no row of the serializer's model.
  template <class S, class Row>
    requires(!std::convertible_to<Row &&, const typename S::model_type&>)
  task<json_text> create(Row&&) const {
    static_assert(detail::shows<S, std::remove_cvref_t<Row>>,
                  "dcrf: create<Serializer> creates a row of the serializer's own model");
    co_return json_text{};
  }
  template <class S, class Row>
    requires(!std::convertible_to<Row &&, const typename S::model_type&>)
  task<json_text> update(Row&&) const {
    static_assert(detail::shows<S, std::remove_cvref_t<Row>>,
                  "dcrf: update<Serializer> updates a row of the serializer's own model");
    co_return json_text{};
  }

  /// `co_await serialize<message_serializer>(rows)`: the rows of a query as a list, or the row with
  /// a primary key as an object; see dcrf::serialize.
  template <class S, class Rows>
  task<json_text> serialize(Rows&& rows) const {
    return dcrf::serialize<S>(runtime(), std::forward<Rows>(rows), &user());
  }

  /// Waits, if much is still to be sent to the client, until it has taken most of it. For actions
  /// that send much: a client for whom too much waits is closed. The next request waits by itself.
  task<> drain();

  /// Sends a reply to `req`, besides the one that the action ends with.
  void reply(const request& req, const response& x);

  /// Sends an event or a reply.
  /// @param action, request_id JSON values
  void reply(std::string_view request_id, std::string_view action, const response& x);

  /// Sends JSON as a frame of its own. What is sent before the client is accepted goes out then;
  /// what is sent after the connection was closed goes nowhere.
  void send(const json_text& frame);

  /// Sends a text that need not be JSON.
  void send_text(std::string text);

  /// Sends a binary message.
  /// @throws std::logic_error in a consumer of a multiplexed stream, whose frames are JSON
  void send_bytes(std::string bytes);

  /// Ends the detached runs of an action of this consumer: they send nothing any more, and their
  /// transactions are rolled back.
  /// @pre not called by one of them
  void cancel(std::string_view action);

  /// Closes the connection after what was sent before; while connecting, refuses it. Requests and
  /// events that wait are dropped.
  void close(std::uint16_t code = 1000);

  /// In `connected`: accepts the client, sends what was to be sent, and closes with a code that the
  /// client is told. A page in a browser learns nothing of a refused handshake.
  /// @param code 4000 to 4999; by custom 4400 to 4499, after HTTP's
  /// @throws std::invalid_argument if it is none of these
  void reject(std::uint16_t code);

  /// In `connected`: the subprotocol that this connection speaks. Browsers close a connection for
  /// which they have offered some, and none was chosen.
  /// @throws std::invalid_argument if it is not among `scope().subprotocols()`
  void choose_subprotocol(std::string_view name);

  /// Starts work that goes on in the background, and ends with the connection. If that has ended
  /// already, nothing is started.
  void spawn(task<> work);

  // -- groups -------------------------------------------------------------------------------------

  /// `co_await group_add("lobby")`: messages to the group reach this consumer from now on. Joining
  /// twice is joining once.
  task<> group_add(std::string name);
  void group_discard(const std::string& name);

  /// In `connected`, say: what `send_to_user` sends to this connection's user reaches this consumer
  /// from now on, by `received`. Who is anonymous joins nothing.
  [[nodiscard]] task<> join_user_group();

  /// Sends JSON to all connections of a user whose consumers have joined their user's group.
  void send_to_user(const key& pk, json_text message) const {
    runtime().send_to_user(pk, std::move(message));
  }

  /// Sends JSON to all members of a group, on all connections.
  void group_send(std::string name, json_text message) const {
    runtime().group_send(std::move(name), std::move(message));
  }

  /// Subscribes the client to a group of an observer, under the id of the request: each change that
  /// commits from now on reaches it. A request without an id subscribes without a name.
  /// @param key what the observer's groups are keyed by; nothing for an observer of one group
  template <class Observer, class... Key>
  task<> subscribe(const request& req, const Key&... key) {
    return subscribe(observer_of<Observer>(), group_key_of<Observer>(key...), req.optional_id());
  }

  /// Subscribes without a name: the observer's handler is told of events, but of no request id.
  template <class Observer, class... Key>
  task<> subscribe_nameless(const Key&... key) {
    return subscribe(observer_of<Observer>(), group_key_of<Observer>(key...), std::nullopt);
  }

  /// Ends the subscription under the id of the request; without an id, all to the group.
  template <class Observer, class... Key>
  void unsubscribe(const request& req, const Key&... key) {
    unsubscribe(observer_of<Observer>(), group_key_of<Observer>(key...), req.optional_id());
  }

  /// Ends all subscriptions to the group.
  template <class Observer, class... Key>
  void unsubscribe_all(const Key&... key) {
    unsubscribe(observer_of<Observer>(), group_key_of<Observer>(key...), std::nullopt);
  }

  /// @param request_id a JSON value; nothing for a subscription without a name
  task<> subscribe(const observer_descriptor& observer, std::string key,
                   std::optional<std::string> request_id);
  /// @param request_id nothing ends all subscriptions to the group
  void unsubscribe(const observer_descriptor& observer, std::string key,
                   const std::optional<std::string>& request_id);

protected:
  /// The running action will await one command, and then only make its reply of the answer: the
  /// next request may start meanwhile, if it is of the same kind.
  void allow_pipelining();

  /// Sends an event that others may be sent, too; to many request ids in several turns of the
  /// thread, as fast as the client takes them.
  /// @param request_ids outlive the task
  /// @param head everything up to the request id, see envelope_head
  task<> send_event(const std::vector<std::string>& request_ids,
                    std::shared_ptr<const std::string> head);

  /// Answers a request with a list, and tells under its request id what becomes of it.
  /// @throws limit_exceeded, api_exception
  task<> watch(const request& req, watched_list x);
  /// Ends that; without a request id, for all lists of the consumer.
  void unwatch(const std::optional<std::string>& request_id);

  /// The streams of the connection, if the consumer serves one of them.
  [[nodiscard]] std::span<const linked_stream> streams() const;

  /// The rows of a request, of a queryset that awaits.
  [[nodiscard]] virtual task<std::shared_ptr<const selection>> choose_rows(const request&) {
    co_return nullptr;
  }

private:
  [[nodiscard]] consumer_session& session() const;
  task<> send_in_turns(const std::vector<std::string>& request_ids,
                       std::shared_ptr<const std::string> head);

  consumer_session* session_ = nullptr;
};

namespace detail {

template <class Actions>
struct action_table;
template <class... Actions>
struct action_table<actions<Actions...>> {
  static constexpr std::array<action_descriptor, sizeof...(Actions)> rows{Actions::descriptor...};
};

/// The actions that a consumer has from its base, and from the bases of that one.
template <class Base>
struct inherited_actions {
  using type = actions<>;
};
template <class Base>
  requires requires { typename Base::mixin_actions; }
struct inherited_actions<Base> {
  using type =
      boost::mp11::mp_append<typename declared_actions<Base>::type, typename Base::mixin_actions>;
};
template <class Base>
  requires requires { typename Base::base_type; }
struct inherited_actions<Base> {
  using type = boost::mp11::mp_append<typename declared_actions<Base>::type,
                                      typename inherited_actions<typename Base::base_type>::type>;
};

// What the list of a model_consumer goes by is the business of its base. What can't be seen is none
// of it.
template <class Self, class Base>
concept leaves_list_to =
    std::is_final_v<Self>
    || ((requires { with_names<Self, list_names>::pagination; }
         || requires {
              requires std::same_as<typename Self::pagination, typename Base::pagination>;
            })
        && (requires { with_names<Self, list_names>::filterset_fields; }
            || requires {
                 requires std::same_as<typename Self::filterset_fields,
                                       typename Base::filterset_fields>;
               })
        && (requires { with_names<Self, list_names>::search_fields; }
            || requires {
                 requires std::same_as<typename Self::search_fields, typename Base::search_fields>;
               })
        && (requires { with_names<Self, list_names>::ordering_fields; }
            || requires {
                 requires std::same_as<typename Self::ordering_fields,
                                       typename Base::ordering_fields>;
               })
        && (requires { with_names<Self, list_names>::lookup; }
            || requires { requires std::same_as<typename Self::lookup, typename Base::lookup>; }));

template <class Self>
consteval bool has_right_hooks() {
  if constexpr (!std::is_final_v<Self>) {
    static_assert(hook_check<Self>::of_consumer());
    if constexpr (requires { typename Self::instance_type; }) {
      static_assert(hook_check<Self>::template of_rows<typename Self::instance_type, request>());
      static_assert(hook_check<Self>::of_model_consumer());
    }
  }
  return true;
}

/// Has a consumer checked before anything else is made of it, which would fail as well.
template <class Subject>
consteval bool is_described() {
  if constexpr (requires { typename Subject::declared_class; }) {
    if constexpr (!is_declared_itself<Subject>() || !declared_permissions<Subject>::is_right
                  || !declared_actions<Subject>::is_right
                  || !declared_throttles<Subject>::is_right) {
      return false;
    } else {
      static_assert(has_right_hooks<Subject>());
      return Subject::template is_right_base<Subject>();
    }
  }
  return true;
}

// What is given where an error was said already.
inline const consumer_descriptor& no_consumer() {
  static const consumer_descriptor result;
  return result;
}

/// The descriptor of a consumer with the actions of its mixins, which its own ones override.
template <class Self, class Inherited>
const consumer_descriptor& describe_consumer() {
  using permissions = typename declared_permissions<Self>::type;
  using own = typename declared_actions<Self>::type;
  static_assert(has_right_names<Self>());
  static_assert(has_right_hooks<Self>());
  static constexpr auto rows =
      boost::mp11::mp_rename<boost::mp11::mp_append<own, Inherited>, actions>{};
  using table = action_table<std::remove_const_t<decltype(rows)>>;
  static constexpr auto result = [] {
    consumer_descriptor descriptor{type_name<Self>(), table::rows, nullptr,
                                   &permissions::has_permission};
    if constexpr (permissions::awaits_connection) {
      descriptor.ask_connection = &permissions::ask_connection;
    } else {
      descriptor.can_connect = &permissions::can_connect;
    }
    if constexpr (permissions::awaits) {
      descriptor.ask_request = &permissions::ask;
    }
    descriptor.may_refuse = permissions::asks_about_requests
                            || !std::same_as<decltype(&Self::may_stay_subscribed),
                                             task<bool> (consumer::*)(const request&)>;
    if constexpr (requires { requires Self::template loads_rows<Self>(); }) {
      descriptor.awaits_rows = true;
      descriptor.may_refuse = true;
    }
    if constexpr (permissions::asks_about_rows) {
      descriptor.has_object_permission = &permissions::has_object_permission;
    }
    descriptor.throttles = declared_throttles<Self>::type::rows;
    descriptor.takes_texts =
        !std::same_as<decltype(&Self::received_text), task<> (consumer::*)(std::string)>;
    if constexpr (requires { requires Self::template leaves_write_hooks<Self>; }) {
      descriptor.without_write_hooks = &typeid(Self);
    }
    if constexpr (requires { requires Self::template leaves_hooks_after_saves<Self>; }) {
      descriptor.without_hooks_after_saves = &typeid(Self);
    }
    return descriptor;
  }();
  return result;
}

} // namespace detail

/// A consumer without a model: it has the actions that `Self::actions` lists, for whom
/// `Self::permissions` lets, as often as `Self::throttles` lets. With a consumer of the application
/// as its base it has the actions of that one, too.
///
///     class lobby_consumer : public dcrf::api_consumer<lobby_consumer, talk_consumer> {};
template <class Self, class Base = consumer>
class api_consumer : public Base {
  static_assert(std::derived_from<Base, consumer>,
                "dcrf: what follows the class itself is a consumer that it is derived from: "
                "dcrf::api_consumer<lobby_consumer, talk_consumer>");

public:
  using declared_class = Self;
  using base_type = Base;
  using Base::Base;

  /// Refuses what this base can't do for `Final`, which is the consumer itself or derived from it.
  template <class Final>
  static consteval bool is_right_base() {
    static_assert(detail::leaves_list_to<Self, Base>,
                  "dcrf: pages, filters and lookups are declared by the model_consumer itself; a "
                  "consumer that is derived from it, or has no model, declares none");
    if constexpr (requires { Base::template is_right_base<Final>(); }) {
      return Base::template is_right_base<Final>();
    } else {
      return true;
    }
  }

  [[nodiscard]] static const consumer_descriptor& describe() {
    if constexpr (is_right_base<Self>()) {
      return detail::describe_consumer<Self, typename detail::inherited_actions<Base>::type>();
    } else {
      return detail::no_consumer();
    }
  }
  [[nodiscard]] const consumer_descriptor& descriptor() const override { return describe(); }
};

} // namespace dcrf
