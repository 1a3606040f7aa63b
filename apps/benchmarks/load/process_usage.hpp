#pragma once

#include <cstdint>

namespace load {

/// What the measured processes have used so far.
struct process_usage {
  double cpu = 0;    // seconds, from the processes' own clocks
  double user = 0;   // seconds, in ticks of 10 ms
  double system = 0; // seconds, in ticks of 10 ms
  std::int64_t resident_kb = 0;
  std::int64_t descriptors = 0;
};

/// Adds up the processes that `settings` names.
/// @param with_descriptors Also counts what they have open, which takes longer.
process_usage usage(bool with_descriptors = false);

/// Seconds of CPU time that this process has used.
double own_cpu();

} // namespace load
