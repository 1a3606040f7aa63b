#include "dcrf/groups/observer_registry.hpp"

#include "dcrf/groups/observer_descriptor.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcrf {

namespace {

// Filled before `main`, by the initialisation of the program's variables.
std::vector<detail::observer_registration::getter>& getters() {
  static std::vector<detail::observer_registration::getter> result;
  return result;
}

using by_name = std::unordered_map<std::string_view, const observer_descriptor*>;

by_name observers_by_name() {
  by_name result;
  for (auto get : getters()) {
    const auto* observer = &get();
    auto [found, is_new] = result.emplace(observer->name, observer);
    if (!is_new && found->second != observer) {
      found->second = nullptr;
    }
  }
  return result;
}

} // namespace

const observer_descriptor* find_observer(std::string_view name) {
  static const auto observers = observers_by_name();
  auto found = observers.find(name);
  return found == observers.end() ? nullptr : found->second;
}

std::vector<const observer_descriptor*> registered_observers() {
  std::vector<const observer_descriptor*> result;
  for (auto get : getters()) {
    result.push_back(&get());
  }
  return result;
}

const observer_descriptor* find_durable_observer(std::string_view signal) {
  static const auto observers = registered_observers();
  auto found = std::ranges::find_if(observers, [signal](const auto* x) {
    return x->durable != nullptr && x->durable->name == signal;
  });
  return found == observers.end() ? nullptr : *found;
}

std::optional<std::string> repeated_observer_name() {
  for (const auto* observer : registered_observers()) {
    if (find_observer(observer->name) == nullptr) {
      return std::string{observer->name};
    }
  }
  return std::nullopt;
}

namespace detail {

observer_registration::observer_registration(getter get) { getters().push_back(get); }

} // namespace detail

} // namespace dcrf
