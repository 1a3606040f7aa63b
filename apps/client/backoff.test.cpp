#include "client/backoff.hpp"

#include <catch2/catch.hpp>

using client::backoff;

TEST_CASE("delays grow to a limit, and begin anew") {
  backoff delays{7};
  auto limit = backoff::first;
  for (int i = 0; i < 12; ++i) {
    auto delay = delays.next();
    CHECK(delay >= limit / 2);
    CHECK(delay <= limit);
    limit = std::min(limit * 2, backoff::last);
  }
  delays.reset();
  CHECK(delays.next() <= backoff::first);
}
