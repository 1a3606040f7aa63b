#pragma once

#include "dcrf/serializer/hypermedia.hpp"

#include <span>
#include <string_view>

namespace dcrf {

class instance;
struct scope;
struct user_info;

/// Who asks, for computed fields and validators that want to know. Anything of it may be missing:
/// an observer's body is made for nobody in particular.
struct serializer_context {
  const dcrf::scope* scope = nullptr;
  const dcrf::user_info* user = nullptr;
  /// The action asked for.
  std::string_view action{};
  /// The row that is about to be changed, as it is; null for a new one.
  const dcrf::instance* instance = nullptr;
  /// What links may lead to: the streams of the connection, if it has several.
  std::span<const linked_stream> streams{};
};

} // namespace dcrf
