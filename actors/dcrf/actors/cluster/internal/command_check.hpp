#pragma once

#include "dcrf/store/command.hpp"
#include "dcrf/store/row.hpp"

#include <cstddef>

namespace dcrf::cluster {

// What bytes of another node may say, and no command or answer means: columns, relations and keys
// that a model does not have. The store takes them by their indexes, so they are looked at before.

/// @throws malformed_bytes if the command means nothing
void check(const command& x);

/// What the rows of an answer have: those of a model, with what was loaded with them.
struct row_shape {
  /// Null if no rows of a model are wanted.
  const model_descriptor* model = nullptr;
  fetch_plan plan{};
  /// Without a model, how many values each row has; 0 if no rows are wanted.
  std::size_t columns = 0;
  /// Whether it is one row, if the command has not failed.
  bool is_one = false;
};

/// What answers a command.
/// @param x its plan is taken from it
[[nodiscard]] row_shape shape_of_answer(command&& x);

/// Whether an answer is of a shape.
[[nodiscard]] bool has_shape(const store_result& answer, const row_shape& x);

} // namespace dcrf::cluster
