#pragma once

#include <string_view>

namespace dcrf {

struct scope;
struct user_info;

/// Who asks, for computed fields and validators that want to know. Anything of it may be missing:
/// an observer's body is made for nobody in particular.
struct serializer_context {
  const dcrf::scope* scope = nullptr;
  const dcrf::user_info* user = nullptr;
  /// The action asked for.
  std::string_view action{};
};

} // namespace dcrf
