// Starts and ends an actor system with the options of dcrf: everything that actors links to.
#include <caf/actor_system.hpp>
#include <dcrf/actors/config.hpp>

int main() {
  dcrf::actor_system_config config;
  caf::actor_system system{config};
  return 0;
}
