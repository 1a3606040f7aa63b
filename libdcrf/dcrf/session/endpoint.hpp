#pragma once

#include "dcrf/session/driver.hpp"
#include "dcrf/session/multiplexer.hpp"

#include <concepts>
#include <memory>
#include <utility>

namespace dcrf {

/// What a path of a server leads to: a consumer, made from `arguments` for each connection, or a
/// demultiplexer.
template <class Subject, class... Arguments>
endpoint endpoint_of(Arguments... arguments) {
  static_assert(detail::is_declared_itself<Subject>());
  if constexpr (std::derived_from<Subject, consumer>) {
    static_assert(detail::is_described<Subject>());
    constexpr bool fits = std::constructible_from<Subject, Arguments&...>;
    static_assert(fits, "dcrf: the arguments given with this consumer's path do not fit its "
                        "constructor, or it can't be made at all");
    if constexpr (fits) {
      return [arguments...](session_context& context, scope connection) {
        return std::make_unique<driver>(context, std::move(connection),
                                        std::make_unique<Subject>(arguments...));
      };
    }
  } else if constexpr (requires { Subject::streams(); }) {
    static_assert(sizeof...(Arguments) == 0, "dcrf: a demultiplexer takes no arguments");
    return [](session_context& context, scope connection) {
      return std::make_unique<multiplexer>(context, std::move(connection), Subject::streams(),
                                           Subject::links());
    };
  } else {
    static_assert(detail::never<Subject>, "dcrf: a path leads to a consumer or to a demultiplexer");
  }
  return {};
}

} // namespace dcrf
