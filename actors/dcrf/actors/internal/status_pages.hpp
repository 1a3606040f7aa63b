#pragma once

#include "dcrf/actors/internal/readiness.hpp"
#include "dcrf/routing/internal/http_routes.hpp"

#include <string_view>

namespace dcrf {
class cluster_node;
} // namespace dcrf

namespace dcrf::internal {

inline constexpr std::string_view health_path = "/healthz";
inline constexpr std::string_view readiness_path = "/readyz";
inline constexpr std::string_view nodes_path = "/nodes";

/// What load balancers and operators ask a server over HTTP: `GET /healthz` (200 while the process
/// runs), `GET /readyz` (503 with the reason while it can't serve), and of a node `GET /nodes` (who
/// is linked, as JSON).
/// @param ready outlives the pages
/// @param node null if this server is none; outlives the pages
[[nodiscard]] http_routes status_pages(readiness& ready, const cluster_node* node);

} // namespace dcrf::internal
