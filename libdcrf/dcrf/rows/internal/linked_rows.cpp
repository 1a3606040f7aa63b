#include "dcrf/rows/internal/linked_rows.hpp"

#include "dcrf/runtime/question.hpp"
#include "dcrf/serializer/read_input.hpp"

#include <utility>

namespace dcrf::detail {

task<> look_up_links(const runtime& within, const serializer_descriptor& serializer,
                     validated_input& input, const serializer_context& context) {
  for (auto& x : std::exchange(input.links, {})) {
    const auto* target = x.where.model;
    retrieve_command retrieve{.where = std::move(x.where)};
    question asking{within.where(), std::move(retrieve)};
    auto found = co_await asking;
    if (!found && found.error().code == store_errc::not_found) {
      input.errors.add(x.field, "Not found");
      continue;
    }
    auto key = target->key_of(value_or_throw(std::move(found)).values);
    if (x.is_related) {
      input.related[x.target].keys.push_back(std::move(key));
    } else {
      input.set(x.target, std::move(key));
    }
  }
  run_input_hooks(serializer, input, context);
}

} // namespace dcrf::detail
