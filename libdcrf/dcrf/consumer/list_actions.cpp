#include "dcrf/consumer/model_actions.hpp"
#include "dcrf/serializer/validation_error.hpp"
#include "dcrf/serializer/write.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

namespace dcrf {

namespace {

// The rows of a list that is watched, with those before it: what the store holds and reads anew.
constexpr std::int64_t most_watched_rows = 1000;
// Where neither the request nor the consumer's pages say how many.
constexpr std::int64_t usual_watched_rows = 100;

} // namespace

// A list is asked for as pages by limit and offset are, whatever pages `list` has.
selection model_actions::watched_rows(const request& req) const {
  auto rows = selected(req);
  filtered_by().apply(req, rows);
  auto first = rows.offset;
  auto most = rows.limit;
  pagination_descriptor paging{.style = pagination_style::limit_offset,
                               .default_limit = usual_watched_rows};
  if (paginated_by().default_limit > 0) {
    paging.default_limit = std::min(paginated_by().default_limit, most_watched_rows);
  }
  auto result = page{paging, req, std::move(rows)}.rows();
  if (*result.limit > most_watched_rows || result.offset > most_watched_rows - *result.limit) {
    throw validation_error("limit", "Ensure that limit and offset are together at most 1000.");
  }
  if (auto limit = paginated_by().max_limit; limit > 0) {
    result.limit = std::min(*result.limit, limit);
  }
  // A queryset that is sliced has no more than its slice.
  if (most) {
    result.limit = std::clamp<std::int64_t>(*most - result.offset, 0, *result.limit);
  }
  result.offset += first;
  return result;
}

task<> model_actions::subscribe_list(request& req) {
  co_await perform_list(req);
  auto query = std::make_shared<list_query>();
  query->rows = watched_rows(req);
  query->serializer = &serializer(req);
  auto context = context_for(req);
  context.scope = &scope();
  context.user = &user();
  context.action = "subscribe_list";
  watched_list watched{.query = query, .show = [query, context](const row& x) {
                         return shown_in_list(*query->serializer, x, context);
                       }};
  co_await watch(req, std::move(watched));
}

task<> model_actions::count_list(request& req) {
  co_await perform_list(req);
  auto query = std::make_shared<list_query>();
  query->rows = selected(req);
  filtered_by().apply(req, query->rows);
  query->rows.order_by.clear();
  query->rows.limit.reset();
  query->rows.offset = 0;
  watched_list watched{.query = std::move(query)};
  co_await watch(req, std::move(watched));
}

response model_actions::unsubscribe_list(request& req) {
  unwatch(req.optional_id());
  return response::no_content();
}

} // namespace dcrf
