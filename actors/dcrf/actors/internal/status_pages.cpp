#include "dcrf/actors/internal/status_pages.hpp"

#include "dcrf/actors/cluster/internal/cluster_node.hpp"
#include "dcrf/model/timestamp.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace dcrf::internal {

namespace {

http_response page(unsigned status, std::string_view type, std::string body) {
  auto result = http_response::with(status, type, std::move(body));
  result.headers.emplace_back("Cache-Control", "no-store");
  return result;
}

json shown(const cluster::node_status& x) {
  auto since = std::chrono::floor<std::chrono::microseconds>(x.since);
  return {{"name", x.name},
          {"address", x.address},
          {"state", x.is_linked ? "linked" : "lost"},
          {"since", timestamp{since}.to_string()},
          {"events_sent", x.events_sent},
          {"events_received", x.events_received},
          {"bytes_sent", x.bytes_sent},
          {"bytes_received", x.bytes_received}};
}

json shown(const cluster_node& node) {
  auto others = json::array();
  for (const auto& x : node.nodes()) {
    others.push_back(shown(x));
  }
  return {{"node", node.name()},
          {"address", node.address()},
          {"ready", node.is_ready()},
          {"nodes", std::move(others)}};
}

} // namespace

http_routes status_pages(readiness& ready, const cluster_node* node) {
  http_routes result;
  result.add(
      "GET", health_path,
      [](http_request&, const runtime&) -> task<http_response> {
        co_return page(200, "text/plain", "ok\n");
      },
      without_user);
  result.add(
      "GET", readiness_path,
      [&ready, node](http_request&, const runtime& within) -> task<http_response> {
        auto problem = co_await ready.problem(within);
        if (problem.empty() && node != nullptr && !node->is_ready()) {
          problem = "no database";
        }
        co_return page(problem.empty() ? 200 : 503, "text/plain",
                       (problem.empty() ? "ready" : problem) + "\n");
      },
      without_user);
  if (node != nullptr) {
    result.add(
        "GET", nodes_path,
        [node](http_request&, const runtime&) -> task<http_response> {
          co_return page(200, "application/json", shown(*node).dump() + "\n");
        },
        without_user);
  }
  return result;
}

} // namespace dcrf::internal
