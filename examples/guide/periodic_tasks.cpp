// The code of docs/guide/periodic-tasks.md.

#include <dcrf/actors/server.hpp>
#include <dcrf/runtime/runtime.hpp>

#include <chrono>

#include "models.hpp"

using blog::article;

namespace guide::periodic_tasks {

dcrf::task<> forget_old_drafts(const dcrf::runtime& within);
void declare(dcrf::server& server);

// [task]
dcrf::task<> forget_old_drafts(const dcrf::runtime& within) {
  auto limit = dcrf::timestamp::now();
  limit.time -= std::chrono::hours{24 * 365};
  auto is_old = dcrf::column<&article::status> == blog::state::draft
                && dcrf::column<&article::created_at> < limit;
  co_await within.repository<article>().bulk_remove(dcrf::query<article>{}.filter(is_old));
}

void declare(dcrf::server& server) {
  using namespace std::chrono_literals;
  server.on_start(&forget_old_drafts);
  server.every(1h, &forget_old_drafts);
}
// [task]

} // namespace guide::periodic_tasks
