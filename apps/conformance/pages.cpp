#include "conformance/pages.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace conformance {

dcrf::query<item> items_of_rank(const rank_arguments& args) {
  dcrf::query<item> result;
  if (args.min_rank) {
    result = std::move(result).filter(dcrf::column<&item::rank> >= *args.min_rank);
  }
  return result;
}

dcrf::response streamed_consumer::ping() { return dcrf::response::ok(dcrf::json("pong")); }

dcrf::task<> slow_streamed_consumer::perform_list(dcrf::request&) {
  co_await runtime().sleep(std::chrono::milliseconds{300});
}

} // namespace conformance
