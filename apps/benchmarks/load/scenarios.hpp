#pragma once

#include <memory>

#include "network.hpp"

namespace load {

/// Requests with a reply each, a number of them open on each connection.
std::unique_ptr<scenario> make_actions();

/// Publishers whose events must reach each subscriber of the group exactly once, in order.
/// @param with_silent Beside subscribers that never read.
std::unique_ptr<scenario> make_fanout(bool with_silent);

/// Subscribers to whom somebody else publishes, one event after another.
std::unique_ptr<scenario> make_listen();

/// Connections that do nothing, and what they cost.
std::unique_ptr<scenario> make_idle();

/// Connect, subscribe, one request, close, and again.
std::unique_ptr<scenario> make_churn();

} // namespace load
