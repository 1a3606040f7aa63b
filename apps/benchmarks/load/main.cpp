// A load generator for WebSocket servers that checks every answer.
//
// It is bounded in count and in time, prints one line of JSON, and ends with 0 only if every
// request was answered once, in order and with what was expected, and every event reached every
// subscriber once and in order.

#include <sched.h>
#include <sys/resource.h>

#include <csignal>

#include "clock.hpp"
#include "options.hpp"
#include "random_numbers.hpp"
#include "scenarios.hpp"

namespace {

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(std::size_t(cpu), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    load::give_up("there is no CPU " + std::to_string(cpu));
  }
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::unique_ptr<load::scenario> make_scenario(const std::string& name) {
  if (name == "actions") {
    return load::make_actions();
  }
  if (name == "fanout" || name == "slow") {
    return load::make_fanout(name == "slow");
  }
  if (name == "listen") {
    return load::make_listen();
  }
  if (name == "idle") {
    return load::make_idle();
  }
  if (name == "churn") {
    return load::make_churn();
  }
  load::give_up("unknown scenario " + name);
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  load::parse_options(argc, argv);
  load::chance.seed(load::now());
  if (load::settings.cpu >= 0) {
    pin_to(load::settings.cpu);
  }
  raise_descriptor_limit();
  auto scenario = make_scenario(load::settings.scenario);
  load::clients().serve(*scenario);
  return scenario->run();
}
