#pragma once

#include "dcrf/actors/server.hpp"

namespace conformance {

/// Views behind consumers, below `/ws/view/`.
void add_views(dcrf::server& server);

} // namespace conformance
