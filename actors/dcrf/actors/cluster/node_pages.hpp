#pragma once

#include "dcrf/actors/cluster/cluster_node.hpp"
#include "dcrf/routing/http_routes.hpp"

namespace dcrf::cluster {

/// Adds what load balancers and operators ask a node over HTTP: `GET /healthz` (200 while the
/// process runs), `GET /readyz` (503 while its sessions have no database), and `GET /nodes` (who is
/// linked, as JSON).
/// @param node outlives the routes
void add_node_pages(http_routes& routes, const cluster_node& node);

} // namespace dcrf::cluster
