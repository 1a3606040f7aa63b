#include "dcrf/runtime/session_budget.hpp"

#include "dcrf/protocol/errors.hpp"

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

namespace session_budget_tests {

using dcrf::session_budget;

TEST_CASE("what a client keeps is refused an eighth before the bound, and can be given back",
          "[session_budget]") {
  session_budget budget{{.size = 8000}};
  budget.keep(6000);
  CHECK_THROWS_AS(budget.keep(1001), dcrf::limit_exceeded);
  CHECK(budget.kept() == 6000);
  budget.keep(1000);
  CHECK_FALSE(budget.is_exceeded());
  budget.release(6000);
  budget.keep(6000);
  CHECK_THROWS_AS(budget.keep(1), dcrf::limit_exceeded);
  CHECK_THROWS_AS(budget.keep(static_cast<std::size_t>(-1)), dcrf::limit_exceeded);
}

TEST_CASE("events share the bound with what is kept, requests that wait do not",
          "[session_budget]") {
  session_budget budget{{.size = 8000, .waiting_requests = 1000}};
  budget.keep(7000);
  budget.add_event(1000);
  CHECK_FALSE(budget.is_exceeded());
  budget.add_request(1'000'000);
  CHECK_FALSE(budget.is_exceeded());
  budget.add_event(1);
  CHECK(budget.is_exceeded());
  budget.remove_event(1);
  CHECK_FALSE(budget.is_exceeded());
}

TEST_CASE("many requests are more than the bound, few are half of it", "[session_budget]") {
  session_budget budget{{.waiting_requests = 1000}};
  budget.add_request(1000);
  CHECK_FALSE(budget.has_many_requests());
  budget.add_request(1);
  CHECK(budget.has_many_requests());
  budget.remove_request(500);
  CHECK_FALSE(budget.has_few_requests());
  budget.remove_request(1);
  CHECK(budget.has_few_requests());
}

TEST_CASE("groups and runs in the background are counted besides their bytes", "[session_budget]") {
  session_budget budget{{.groups = 2, .background_runs = 2}};
  budget.keep(1, 1);
  budget.keep(1, 1);
  CHECK_THROWS_AS(budget.keep(1, 1), dcrf::limit_exceeded);
  budget.keep(1);
  budget.release(1, 1);
  budget.keep(1, 1);

  std::vector<session_budget::background_run> runs;
  runs.push_back(budget.begin_run(10));
  runs.push_back(budget.begin_run(10));
  CHECK_THROWS_AS(budget.begin_run(10), dcrf::limit_exceeded);
  runs.pop_back();
  auto moved = std::move(runs.back());
  runs.clear();
  runs.push_back(budget.begin_run(10));
  CHECK_THROWS_AS(budget.begin_run(10), dcrf::limit_exceeded);
}

} // namespace session_budget_tests
