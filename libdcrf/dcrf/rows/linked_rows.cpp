#include "dcrf/rows/linked_rows.hpp"

#include "dcrf/serializer/read_input.hpp"

#include <utility>

namespace dcrf::detail {

task<> look_up_links(const runtime& within, const serializer_descriptor& serializer,
                     validated_input& input, const serializer_context& context) {
  for (auto& x : std::exchange(input.links, {})) {
    const auto* target = x.where.model;
    command retrieve;
    retrieve.body = retrieve_command{.where = std::move(x.where)};
    store_question call{within.where(), std::move(retrieve)};
    auto found = co_await call;
    if (found.is_missing()) {
      input.errors.add(x.field, "Not found");
      continue;
    }
    found.check();
    auto key = target->key_of(found.rows.front().values);
    if (x.is_related) {
      input.related[x.target].keys.push_back(std::move(key));
    } else {
      input.set(x.target, std::move(key));
    }
  }
  run_input_hooks(serializer, input, context);
}

} // namespace dcrf::detail
