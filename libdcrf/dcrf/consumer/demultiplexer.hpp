#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/consumer/stream_descriptor.hpp"
#include "dcrf/model/text_literal.hpp"

#include <array>
#include <concepts>
#include <memory>
#include <span>
#include <string_view>

namespace dcrf {

/// A stream of a demultiplexer: `stream<"users", user_consumer>`.
template <text_literal Name, std::derived_from<consumer> Consumer>
struct stream {
  static constexpr stream_descriptor descriptor{
      Name.view(), [] { return std::unique_ptr<consumer>{std::make_unique<Consumer>()}; }};

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

  static std::span<const stream_descriptor> streams() {
    static constexpr std::array<stream_descriptor, sizeof...(Streams)> result{
        Streams::descriptor...};
    return result;
  }

  static std::span<const linked_stream> links() {
    static const std::array<linked_stream, sizeof...(Streams)> result{Streams::link()...};
    return result;
  }
};

} // namespace dcrf
