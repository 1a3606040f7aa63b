#pragma once

#include <cstdint>
#include <string_view>

namespace load {

/// What was wrong so far. All must be 0 in the end (`out_of_order` only where order is promised).
struct error_counts {
  std::uint64_t protocol_errors = 0;
  std::uint64_t bad_status = 0;
  std::uint64_t bad_content = 0;
  std::uint64_t unknown_id = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t unexpected_close = 0;
  std::uint64_t connect_errors = 0;
};

inline error_counts errors;

/// Shows a message that is wrong on the standard error output: the first of each `kind`.
void show(const char* kind, std::string_view message);

} // namespace load
