#include "dcrf/listing/internal/load_page.hpp"

#include <utility>

namespace dcrf::detail {

task<answered<found_rows>> load_page(const runtime& within, page& x, fetch_plan plan) {
  if (x.is_last()) {
    count_command count{.rows = x.rows()};
    question counting{within.where(), std::move(count)};
    auto counted = co_await counting;
    if (!counted) {
      co_return unexpected{std::move(counted.error())};
    }
    x.count(*counted);
  }
  list_command list{.rows = x.rows(), .plan = std::move(plan), .with_count = x.with_count()};
  question asking{within.where(), std::move(list)};
  co_return co_await asking;
}

} // namespace dcrf::detail
