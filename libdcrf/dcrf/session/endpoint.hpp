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
  if constexpr (std::derived_from<Subject, consumer>) {
    return [arguments...](session_context& context, scope connection) {
      return std::make_unique<driver>(context, std::move(connection),
                                      std::make_unique<Subject>(arguments...));
    };
  } else {
    static_assert(
        requires { Subject::streams(); }, "dcrf: a path leads to a consumer or to a demultiplexer");
    static_assert(sizeof...(Arguments) == 0, "dcrf: a demultiplexer takes no arguments");
    return [](session_context& context, scope connection) {
      return std::make_unique<multiplexer>(context, std::move(connection), Subject::streams(),
                                           Subject::links());
    };
  }
}

} // namespace dcrf
