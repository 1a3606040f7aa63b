#pragma once

#include <string_view>

namespace dcrf {

struct observer_descriptor;

/// The observer of a name; null if the program has none of that name, or several. Other nodes name
/// observers so. From any thread, once `main` has begun.
[[nodiscard]] const observer_descriptor* find_observer(std::string_view name);

namespace detail {

/// Enters an observer into the registry when the program starts, whether or not anybody ever
/// subscribes to it here.
class observer_registration {
public:
  using getter = const observer_descriptor& (*)();

  explicit observer_registration(getter get);

  /// Keeps the linker from dropping the registration.
  void use() const noexcept {}
};

} // namespace detail

} // namespace dcrf
