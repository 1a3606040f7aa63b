#include "dcrf/actors/internal/declarations.hpp"

#include "dcrf/groups/observer_registry.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>

namespace dcrf::internal {

namespace {

// An observer of the program that no model of the server is for.
std::optional<std::string> fault_of_observers(const schema& models) {
  for (const auto* x : registered_observers()) {
    // Those that subscribe_instance uses belong to consumers, which are served or not.
    auto fault = x->make_up == nullptr ? detail::fault_of(*x, models) : std::nullopt;
    if (fault) {
      return fault;
    }
  }
  return std::nullopt;
}

} // namespace

void declarations::note(const std::function<void()>& declaration) {
  try {
    declaration();
  } catch (const std::invalid_argument& fault) {
    faults_.emplace_back(fault.what());
  }
}

void declarations::serve(const std::vector<detail::served_class>& classes) {
  for (const auto& x : classes) {
    if (std::ranges::find(served_, x.name, &detail::served_class::name) == served_.end()) {
      served_.push_back(x);
    }
  }
}

std::optional<std::string>
declarations::fault(const std::vector<std::string_view>& own_paths) const {
  if (!faults_.empty()) {
    return faults_.front();
  }
  for (auto path : own_paths) {
    if (http.has(path)) {
      return fmt::format("{} is answered by the server itself: give the handler another path",
                         path);
    }
  }
  for (const auto& x : served_) {
    if (auto fault = detail::fault_of(x, models)) {
      return fault;
    }
  }
  if (is_whole_program) {
    if (auto fault = fault_of_observers(models)) {
      return fault;
    }
  }
  if (auto name = repeated_observer_name()) {
    return fmt::format(
        "two observers are called {}, and other nodes could not tell them apart: put "
        "one into a namespace with a name of its own",
        *name);
  }
  return std::nullopt;
}

void declarations::warn_of_open_classes() const {
  for (const auto& x : served_) {
    if (!x.has_permissions) {
      spdlog::warn("{} declares no permissions, so everybody is let in; if that is meant, write "
                   "`using permissions = dcrf::permissions<dcrf::allow_any>;`",
                   x.name);
    }
  }
}

} // namespace dcrf::internal
