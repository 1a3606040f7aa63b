#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

struct observer_descriptor;

/// The observer of a name; null if the program has none of that name, or several. Other nodes name
/// observers so. From any thread, once `main` has begun.
[[nodiscard]] const observer_descriptor* find_observer(std::string_view name);

/// All observers of the program, in no order. From any thread, once `main` has begun.
[[nodiscard]] std::vector<const observer_descriptor*> registered_observers();

/// An observer of the durable signal of a name; null if the program has none. From any thread, once
/// `main` has begun.
[[nodiscard]] const observer_descriptor* find_durable_observer(std::string_view signal);

/// A name that several observers of the program have, so that other nodes can't tell them apart:
/// that of two in namespaces without a name. Nothing if all have names of their own.
[[nodiscard]] std::optional<std::string> repeated_observer_name();

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
