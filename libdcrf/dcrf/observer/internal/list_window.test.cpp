#include "dcrf/observer/internal/list_window.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace list_window_test {

using dcrf::change_kind;
using dcrf::internal::listed_row;
using dcrf::internal::steps_between;

listed_row row_of(std::int64_t key, const std::string& text = "x") {
  return {.key = key, .text = std::make_shared<const std::string>(text)};
}

std::vector<listed_row> list_of(const std::vector<std::int64_t>& keys) {
  std::vector<listed_row> result;
  for (auto key : keys) {
    result.push_back(row_of(key));
  }
  return result;
}

using known = std::vector<std::pair<dcrf::value, std::string>>;

known content_of(const std::vector<listed_row>& x) {
  known result;
  for (const auto& each : x) {
    result.emplace_back(each.key, *each.text);
  }
  return result;
}

void apply(const dcrf::internal::window_step& x, known& to) {
  if (x.kind == change_kind::remove) {
    REQUIRE(to.at(x.index).first == x.of->key);
    to.erase(to.begin() + static_cast<std::ptrdiff_t>(x.index));
    return;
  }
  auto erased = std::erase_if(to, [&](const auto& each) { return each.first == x.of->key; });
  REQUIRE(erased == (x.kind == change_kind::update ? 1U : 0U));
  REQUIRE(x.index <= to.size());
  to.emplace(to.begin() + static_cast<std::ptrdiff_t>(x.index), x.of->key, *x.of->text);
}

TEST_CASE("the steps lead from any list to any other", "[lists]") {
  std::mt19937 random{GENERATE(range(1U, 20U))};
  auto draw = [&](int most) { return std::uniform_int_distribution<int>{0, most}(random); };
  auto any_list = [&] {
    std::vector<std::int64_t> keys{1, 2, 3, 4, 5, 6, 7, 8, 9};
    std::ranges::shuffle(keys, random);
    keys.resize(static_cast<std::size_t>(draw(9)));
    std::vector<listed_row> result;
    for (auto key : keys) {
      result.push_back(row_of(key, draw(2) == 0 ? "y" : "x"));
    }
    return result;
  };
  for (int i = 0; i < 300; ++i) {
    auto from = any_list();
    auto to = any_list();
    auto now = content_of(from);
    for (const auto& step : steps_between(from, to)) {
      apply(step, now);
    }
    REQUIRE(now == content_of(to));
  }
}

TEST_CASE("rows that only give way are in no step", "[lists]") {
  auto before = list_of({1, 2, 3, 4});
  CHECK(steps_between(before, before).empty());

  auto moved = list_of({4, 1, 2, 3});
  auto steps = steps_between(before, moved);
  REQUIRE(steps.size() == 1);
  CHECK((steps[0].kind == change_kind::update && steps[0].index == 0));

  moved = list_of({2, 3, 4, 1});
  steps = steps_between(before, moved);
  REQUIRE(steps.size() == 1);
  CHECK((steps[0].kind == change_kind::update && steps[0].index == 3));

  auto refilled = list_of({2, 3, 4, 5});
  steps = steps_between(before, refilled);
  REQUIRE(steps.size() == 2);
  CHECK((steps[0].kind == change_kind::remove && steps[0].index == 0));
  CHECK((steps[1].kind == change_kind::create && steps[1].index == 3));
}

} // namespace list_window_test
