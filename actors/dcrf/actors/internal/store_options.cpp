#include "dcrf/actors/internal/store_options.hpp"

#include "dcrf/actors/internal/feed_limits.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/groups/observer_registry.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <string>

namespace dcrf::internal {

namespace {

outside_changes outside_of(const actor_system_config& config) {
  if (is_shared_database(config) || config.outside_changes == "all") {
    return outside_changes::all;
  }
  return config.outside_changes == "programs" ? outside_changes::programs : outside_changes::off;
}

// Only what somebody can subscribe to is kept.
feed_options feed_of(const actor_system_config& config, const schema& models) {
  feed_options result{.retention = *read_retention(config.feed_retention)};
  if (result.retention.entries == 0) {
    return result;
  }
  auto observers = registered_observers();
  std::set<std::string> signals;
  for (const auto* x : observers) {
    if (x->durable != nullptr) {
      signals.insert(std::string{x->durable->name} + x->durable->layout());
    }
  }
  for (const auto& x : signals) {
    result.signals += x + ';';
  }
  std::ranges::copy_if(models.models(), std::back_inserter(result.models), [&](const auto* model) {
    return std::ranges::find(observers, static_cast<const void*>(model),
                             &observer_descriptor::subject)
           != observers.end();
  });
  return result;
}

// What is not said is as it is by default.
once_retention once_of(const actor_system_config& config) {
  once_retention usual;
  auto limits = *read_retention(
      config.once_retention, {.time = usual.time, .entries = usual.entries, .bytes = usual.bytes});
  return {.time = limits.time, .entries = limits.entries, .bytes = limits.bytes};
}

} // namespace

// Nodes over one PostgreSQL find each other's changes there, where they have an order.
bool is_shared_database(const actor_system_config& config) {
  return config.cluster.is_enabled() && config.database.starts_with("postgres");
}

database_options database_of(const actor_system_config& config, const schema& models) {
  return {.url = config.database,
          .statement_timeout =
              std::chrono::ceil<std::chrono::milliseconds>(config.database_timeout),
          .outside = outside_of(config),
          .feed = feed_of(config, models),
          .once = once_of(config)};
}

reading_plan reading_connections(const actor_system_config& config) {
  constexpr std::size_t most_of_each = 2;
  constexpr std::size_t usual_in_pool = 5;
  auto wanted = config.database_connections;
  if (wanted == 0) {
    return {most_of_each, usual_in_pool};
  }
  // The pool opens the others, so it has the larger half.
  auto of_each = std::min(most_of_each, (wanted - 1) / 2 / config.io_threads);
  return {of_each, wanted - 1 - of_each * config.io_threads};
}

} // namespace dcrf::internal
