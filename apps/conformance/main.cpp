#include "dcrf/actors/server.hpp"

#include <cstdio>
#include <exception>
#include <string>

#include "conformance/models.hpp"
#include "conformance/routes.hpp"
#include "conformance/tokens.hpp"

namespace {

class configuration : public dcrf::actor_system_config {
public:
  configuration() {
    opt_group{custom_options_, "global"}.add(
        token_keys, "token-keys", "file with the keys of tokens, a JWK set (default: none)");
  }

  std::string token_keys;
};

} // namespace

int main(int argc, char** argv) {
  configuration config;
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
  try {
    conformance::add_tokens(server, config.token_keys);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "error: %s\n", failure.what());
    return 1;
  }
  return server.run();
}
