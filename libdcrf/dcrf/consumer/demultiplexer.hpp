#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/consumer/served.hpp"
#include "dcrf/consumer/stream_descriptor.hpp"
#include "dcrf/model/text_literal.hpp"

#include <array>
#include <concepts>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace dcrf {

/// A stream of a demultiplexer: `stream<"users", user_consumer>`.
template <text_literal Name, class Consumer>
struct stream {
  using consumer_type = Consumer;
  static constexpr auto name = Name.view();

  /// Refuses what can't be served.
  static consteval bool is_right() {
    constexpr bool is_consumer = std::derived_from<Consumer, consumer>;
    static_assert(is_consumer,
                  "dcrf: a stream is served by a consumer: stream<\"users\", user_consumer>");
    if constexpr (!is_consumer) {
      return false;
    } else if constexpr (!detail::is_declared_itself<Consumer>()
                         || !detail::is_described<Consumer>()) {
      return false;
    } else {
      constexpr bool is_made = std::default_initializable<Consumer>;
      static_assert(is_made, "dcrf: a stream's consumer is made without arguments");
      return is_made;
    }
  }

  static stream_descriptor describe() {
    return {Name.view(), [] { return std::unique_ptr<consumer>{std::make_unique<Consumer>()}; }};
  }

  static linked_stream link() {
    linked_stream result;
    result.name = Name.view();
    if constexpr (requires { typename Consumer::instance_type; }) {
      auto rule = Consumer::looked_up_by();
      result.model = &model_of<typename Consumer::instance_type>();
      result.lookup_field = rule.field;
      result.lookup_argument = rule.argument;
    }
    result.offers = [](std::string_view action) {
      return Consumer::describe().find(action) != nullptr;
    };
    return result;
  }
};

namespace detail {

template <class T>
constexpr bool is_stream = false;
template <text_literal Name, class Consumer>
constexpr bool is_stream<stream<Name, Consumer>> = true;

// What a demultiplexer has no use for: it is said by the consumer of each stream.
struct site_names {
  static constexpr int permissions = 0, throttles = 0, actions = 0, connected = 0, disconnected = 0;
};

/// Refuses streams that can't be told apart or served.
template <class... Streams>
consteval bool are_streams() {
  static_assert(sizeof...(Streams) > 0, "dcrf: a demultiplexer has at least one stream");
  constexpr bool are_all = sizeof...(Streams) > 0 && (is_stream<Streams> && ...);
  static_assert(are_all, "dcrf: a demultiplexer lists dcrf::stream<\"name\", consumer>");
  if constexpr (are_all) {
    constexpr bool are_different =
        have_own_names(std::array<std::string_view, sizeof...(Streams)>{Streams::name...});
    static_assert(are_different, "dcrf: two streams have one name");
    return are_different && (Streams::is_right() && ...);
  } else {
    return false;
  }
}

} // namespace detail

/// Several consumers behind one connection, each under the name of its stream, as the
/// demultiplexer of channelsmultiplexer:
///
///     struct site : dcrf::demultiplexer<dcrf::stream<"users", user_consumer>,
///                                       dcrf::stream<"rooms", room_consumer>> {};
///     server.websocket<site>("/ws/");
///
/// A frame is `{"stream": "users", "payload": {…}}` both ways. Each stream is a consumer of its
/// own: with its own permissions, groups, subscriptions and order of requests.
template <class... Streams>
struct demultiplexer {
  /// Refuses what can't be served, and what `Final`, the class itself, declares in vain.
  template <class Final>
  static consteval bool is_right_site() {
    constexpr bool is_silent = std::is_final_v<Final> || requires {
      detail::with_names<Final, detail::site_names>::permissions;
      detail::with_names<Final, detail::site_names>::throttles;
      detail::with_names<Final, detail::site_names>::actions;
      detail::with_names<Final, detail::site_names>::connected;
      detail::with_names<Final, detail::site_names>::disconnected;
    };
    static_assert(is_silent,
                  "dcrf: a demultiplexer has no permissions, throttles, actions or hooks "
                  "of its own, which would not be asked: declare them in the consumer "
                  "of each stream");
    return is_silent && detail::are_streams<Streams...>();
  }

  static std::span<const stream_descriptor> streams() {
    static const std::array<stream_descriptor, sizeof...(Streams)> result{Streams::describe()...};
    return result;
  }

  static std::vector<detail::served_class> served() {
    return {detail::served_as<typename Streams::consumer_type>()...};
  }

  static std::span<const linked_stream> links() {
    static const std::array<linked_stream, sizeof...(Streams)> result{Streams::link()...};
    return result;
  }
};

} // namespace dcrf
