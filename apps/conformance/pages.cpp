#include "conformance/pages.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

namespace conformance {

dcrf::query<item> items_of_rank(const rank_arguments& args) {
  dcrf::query<item> all;
  if (!args.min_rank) {
    return all;
  }
  using ranks = std::numeric_limits<std::int32_t>;
  auto least = std::max<double>(std::ceil(*args.min_rank), ranks::min());
  if (least > ranks::max()) {
    return std::move(all).filter(dcrf::column<&item::id>.in(std::vector<std::int64_t>{}));
  }
  return std::move(all).filter(dcrf::column<&item::rank> >= static_cast<std::int32_t>(least));
}

dcrf::response streamed_consumer::ping() { return dcrf::response::ok(dcrf::json("pong")); }

dcrf::task<> slow_streamed_consumer::perform_list(dcrf::request&) {
  co_await runtime().sleep(std::chrono::milliseconds{300});
}

} // namespace conformance
