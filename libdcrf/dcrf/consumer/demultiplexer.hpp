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
  static_assert(std::derived_from<Consumer, consumer>,
                "dcrf: a stream is served by a consumer: stream<\"users\", user_consumer>");
  using consumer_type = Consumer;
  static constexpr auto name = Name.view();

  static constexpr stream_descriptor descriptor{
      Name.view(), [] { return std::unique_ptr<consumer>{std::make_unique<Consumer>()}; }};

  static linked_stream link() {
    static_assert(detail::is_declared_itself<Consumer>());
    static_assert(detail::is_described<Consumer>());
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
concept stream_entry =
    requires { requires std::same_as<decltype(T::descriptor), const stream_descriptor>; };

/// Whether streams have names of their own.
template <class... Streams>
consteval bool are_streams() {
  static_assert((stream_entry<Streams> && ...),
                "dcrf: a demultiplexer lists dcrf::stream<\"name\", consumer>");
  if constexpr ((stream_entry<Streams> && ...)) {
    return have_own_names(std::array<std::string_view, sizeof...(Streams)>{Streams::name...});
  } else {
    return true;
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
  static_assert(sizeof...(Streams) > 0, "dcrf: a demultiplexer has at least one stream");
  static_assert(detail::are_streams<Streams...>(), "dcrf: two streams have one name");

  static std::span<const stream_descriptor> streams() {
    static constexpr std::array<stream_descriptor, sizeof...(Streams)> result{
        Streams::descriptor...};
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
