#include "dcrf/actors/cluster/node_pages.hpp"

#include "dcrf/model/timestamp.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace dcrf::cluster {

namespace {

http_response page(unsigned status, std::string_view type, std::string body) {
  auto result = http_response::with(status, type, std::move(body));
  result.headers.emplace_back("Cache-Control", "no-store");
  return result;
}

json shown(const node_status& x) {
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

void add_node_pages(http_routes& routes, const cluster_node& node) {
  routes.add("GET", "/healthz", [](http_request&, const runtime&) -> task<http_response> {
    co_return page(200, "text/plain", "ok\n");
  });
  routes.add("GET", "/readyz", [&node](http_request&, const runtime&) -> task<http_response> {
    bool is_ready = node.is_ready();
    co_return page(is_ready ? 200 : 503, "text/plain", is_ready ? "ready\n" : "no database\n");
  });
  routes.add("GET", "/nodes", [&node](http_request&, const runtime&) -> task<http_response> {
    co_return page(200, "application/json", shown(node).dump() + "\n");
  });
}

} // namespace dcrf::cluster
