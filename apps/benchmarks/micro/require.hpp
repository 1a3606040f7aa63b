#pragma once

#include <benchmark/benchmark.h>

#include <string>

namespace micro {

/// Fails a benchmark whose work was not done right: its time would say nothing.
/// @returns whether the benchmark may go on
inline bool require(benchmark::State& state, bool is_right, const std::string& what) {
  if (!is_right) {
    state.SkipWithError(what.c_str());
  }
  return is_right;
}

} // namespace micro
