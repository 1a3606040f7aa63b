#pragma once

#include "dcrf/protocol/scope.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/runtime/task.hpp"

#include <functional>

namespace dcrf {

/// Finds out who the user of a connection is, from the scope that its handshake made.
using authenticator = std::function<task<user_info>(const scope&, const runtime&)>;

} // namespace dcrf
