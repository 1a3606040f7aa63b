#include "dcrf/consumer/served.hpp"

#include "dcrf/groups/observer_registry.hpp"

#include <algorithm>

namespace dcrf::detail {

namespace {

bool has(const schema& models, const model_descriptor& x) {
  return std::ranges::find(models.models(), &x) != models.models().end();
}

std::string lacking(std::string_view user, const model_descriptor& model) {
  return std::string{user} + " is over the model \"" + std::string{model.name}
         + "\", which the server was not given; list it where the models are given";
}

} // namespace

std::optional<std::string> fault_of(const served_class& x, const schema& models) {
  if (x.model != nullptr && !has(models, *x.model)) {
    return lacking(x.name, *x.model);
  }
  auto within = std::string{x.name} + "::";
  for (const auto* observer : registered_observers()) {
    if (observer->name.starts_with(within)) {
      if (auto fault = fault_of(*observer, models)) {
        return fault;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> fault_of(const observer_descriptor& x, const schema& models) {
  // One of a signal has no plan.
  if (x.plan == nullptr) {
    return std::nullopt;
  }
  const auto& model = *static_cast<const model_descriptor*>(x.subject);
  return has(models, model) ? std::nullopt : std::optional{lacking(x.name, model)};
}

} // namespace dcrf::detail
