#include "dcrf/groups/observer_registry.hpp"

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/signal.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace registry_test {

struct rung : dcrf::signal {};

struct never_asked_for : dcrf::signal_observer<rung> {};

// Uses the observer in code that is never run.
const dcrf::observer_descriptor& unused() { return dcrf::observer_of<never_asked_for>(); }

TEST_CASE("an observer is known by its name before anybody uses it", "[observer_registry]") {
  const auto* found = dcrf::find_observer("registry_test::never_asked_for");
  REQUIRE(found != nullptr);
  CHECK(found == &registry_test::unused());
}

TEST_CASE("an observer is among all before anybody uses it", "[observer_registry]") {
  CHECK(std::ranges::count(dcrf::registered_observers(), &registry_test::unused()) == 1);
}

TEST_CASE("a name that nobody has finds no observer", "[observer_registry]") {
  CHECK(dcrf::find_observer("registry_test::nobody") == nullptr);
}

} // namespace registry_test
