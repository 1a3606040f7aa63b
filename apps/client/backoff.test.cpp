#include "client/backoff.hpp"

#include <catch2/catch.hpp>

namespace backoff_tests {

using client::backoff;
using client::retry_after;

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

TEST_CASE("a server may say when to come back") {
  using std::chrono::milliseconds;
  CHECK(retry_after("retry after 12.5 s") == milliseconds{12'500});
  CHECK(retry_after("retry after 0 s") == milliseconds{0});
  for (const auto* reason :
       {"", "gone", "retry after", "retry after  s", "retry after -1 s", "retry after 1",
        "retry after 1 s more", "retry after nan s", "retry after 1e9 s"}) {
    CHECK_FALSE(retry_after(reason));
  }
}

} // namespace backoff_tests
