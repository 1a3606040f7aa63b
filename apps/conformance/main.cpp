#include "dcrf/actors/server.hpp"

#include <cstdio>

#include "conformance/models.hpp"
#include "conformance/routes.hpp"

int main(int argc, char** argv) {
  dcrf::actor_system_config config;
  if (auto error = config.parse(argc, argv)) {
    std::fprintf(stderr, "error: %s\n", dcrf::actor_system_config::render(error).c_str());
    return 1;
  }
  if (config.cli_helptext_printed) {
    return 0;
  }
  caf::actor_system system{config};
  dcrf::server server{system};
  server.models(conformance::all_models());
  server.authenticate(&conformance::authenticate);
  conformance::add_routes(server);
  return server.run();
}
