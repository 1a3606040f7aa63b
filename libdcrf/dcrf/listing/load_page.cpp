#include "dcrf/listing/load_page.hpp"

#include "dcrf/runtime/context.hpp"

#include <utility>

namespace dcrf::detail {

task<store_result> load_page(const runtime& within, page& x, fetch_plan plan) {
  if (x.is_last()) {
    command count;
    count.body = count_command{.rows = x.rows()};
    store_call counting{within.where(), std::move(count)};
    x.count((co_await counting).count);
  }
  command list;
  list.body = list_command{.rows = x.rows(), .plan = std::move(plan), .with_count = x.with_count()};
  store_call call{within.where(), std::move(list)};
  co_return co_await call;
}

} // namespace dcrf::detail
