#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/consumer/stream_descriptor.hpp"
#include "dcrf/session/session_handler.hpp"

#include <concepts>
#include <memory>
#include <span>
#include <utility>

namespace dcrf {

namespace detail {

std::unique_ptr<session_handler> handler_of(session_context& context, scope connection,
                                            std::unique_ptr<consumer> subject);
std::unique_ptr<session_handler> handler_of(session_context& context, scope connection,
                                            std::span<const stream_descriptor> streams,
                                            std::span<const linked_stream> links);

/// Whether `endpoint_of` has found nothing wrong with a class.
template <class Subject>
consteval bool can_be_served() {
  if constexpr (!is_declared_itself<Subject>()) {
    return false;
  } else if constexpr (std::derived_from<Subject, consumer>) {
    return is_described<Subject>();
  } else if constexpr (requires { Subject::streams(); }) {
    return Subject::template is_right_site<Subject>();
  } else {
    return false;
  }
}

} // namespace detail

/// What a path of a server leads to: a consumer, made from `arguments` for each connection, or a
/// demultiplexer.
template <class Subject, class... Arguments>
endpoint endpoint_of(Arguments... arguments) {
  if constexpr (!detail::is_declared_itself<Subject>()) {
    return {};
  } else if constexpr (std::derived_from<Subject, consumer>) {
    constexpr bool is_right = detail::is_described<Subject>();
    constexpr bool fits = std::constructible_from<Subject, Arguments&...>;
    static_assert(fits, "dcrf: the arguments given with this consumer's path do not fit its "
                        "constructor, or it can't be made at all");
    if constexpr (is_right && fits) {
      return [arguments...](session_context& context, scope connection) {
        return detail::handler_of(context, std::move(connection),
                                  std::make_unique<Subject>(arguments...));
      };
    }
  } else if constexpr (requires { Subject::streams(); }) {
    static_assert(sizeof...(Arguments) == 0, "dcrf: a demultiplexer takes no arguments");
    if constexpr (!Subject::template is_right_site<Subject>()) {
      return {};
    } else {
      return [](session_context& context, scope connection) {
        return detail::handler_of(context, std::move(connection), Subject::streams(),
                                  Subject::links());
      };
    }
  } else {
    static_assert(detail::never<Subject>, "dcrf: a path leads to a consumer or to a demultiplexer");
  }
  return {};
}

} // namespace dcrf
