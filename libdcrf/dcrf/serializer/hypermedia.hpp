#pragma once

#include "dcrf/model/descriptor.hpp"

#include <cstddef>
#include <string_view>

namespace dcrf {

/// What links may say of a stream of a multiplexed connection. There is one object for each stream,
/// which lives as long as the program.
struct linked_stream {
  std::string_view name;
  /// The model whose rows the stream shows; null if it shows none.
  const model_descriptor* model = nullptr;
  /// The field of the model that rows are looked up by, and the argument that names its value.
  std::size_t lookup_field = 0;
  std::string_view lookup_argument{};
  /// Whether the stream has an action of that name.
  bool (*offers)(std::string_view action) = nullptr;
};

} // namespace dcrf
