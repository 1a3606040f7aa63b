#pragma once

#include <cstdint>
#include <string>

#include "json_line.hpp"
#include "process_usage.hpp"

namespace load {

/// What was used between two moments, by the server and by this process.
class meter {
public:
  void begin();
  void end();

  [[nodiscard]] bool has_begun() const { return begun_ != 0; }
  /// When it began, in nanoseconds.
  [[nodiscard]] std::uint64_t begun() const { return begun_; }
  /// In seconds, never 0.
  [[nodiscard]] double duration() const;

  /// Writes the figures for one of `operations`, which are called `name` and, if many, `plural`.
  void report(json_line& result, const std::string& name, const std::string& plural,
              std::uint64_t operations) const;

private:
  std::uint64_t begun_ = 0;
  std::uint64_t ended_ = 0;
  process_usage used_before_;
  process_usage used_after_;
  double own_before_ = 0;
  double own_after_ = 0;
};

/// A result with what all scenarios say first.
json_line begin_result();

/// Writes the errors and the verdict, and prints the result.
/// @param lost Answers and events that did not come.
/// @param is_late Whether the scenario ran into its deadline.
/// @param is_wrong Whether the scenario has found an error of its own.
/// @returns The exit status of the process: 0 only if all was right.
int end_result(json_line& result, std::uint64_t lost, bool is_late, bool is_wrong = false);

} // namespace load
