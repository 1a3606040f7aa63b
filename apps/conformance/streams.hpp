#pragma once

#include "dcrf/actors/server.hpp"

namespace conformance {

/// Several consumers on one connection: `/ws/mux/` and its like, `/ws` for the JavaScript client,
/// `/ws/hyper/`.
void add_streams(dcrf::server& server);

} // namespace conformance
