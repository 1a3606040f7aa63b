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
    store_call call{within.where(), std::move(retrieve)};
    try {
      auto found = co_await call;
      auto key = target->key_of(found.rows.front().values);
      if (x.is_related) {
        input.related[x.target].keys.push_back(std::move(key));
      } else {
        input.set(x.target, std::move(key));
      }
    } catch (const store_failure& failure) {
      if (failure.error().code != store_errc::not_found) {
        throw;
      }
      input.add_error(x.field, "Not found");
    }
  }
  run_input_hooks(serializer, input, context);
}

} // namespace dcrf::detail
