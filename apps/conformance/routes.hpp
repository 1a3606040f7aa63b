#pragma once

#include "dcrf/actors/server.hpp"

namespace conformance {

/// Who answers on which path.
void add_routes(dcrf::server& server);

/// The user whom the query of a connection names, without any proof: `?user=ann`.
dcrf::task<dcrf::user_info> authenticate(const dcrf::scope& connection,
                                         const dcrf::runtime& within);

} // namespace conformance
