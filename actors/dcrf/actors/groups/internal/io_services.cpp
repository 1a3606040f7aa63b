#include "dcrf/actors/groups/internal/io_services.hpp"

#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"

#include <utility>

namespace dcrf {

bool io_services::holds_at_once(const group_name& x) const {
  return directory.links() == nullptr && (!store.finds_changes() || !is_of_rows(x));
}

void io_services::hold(const group_name& x, std::function<void()> ready) const {
  if (is_of_rows(x) && store.finds_changes()) {
    ready = [&from = store, ready = std::move(ready)]() mutable {
      from.catch_up(std::move(ready));
    };
  }
  if (auto* links = directory.links()) {
    links->hold(x, std::move(ready));
  } else {
    ready();
  }
}

void io_services::release(const group_name& x) const {
  if (auto* links = directory.links()) {
    links->release(x);
  }
}

} // namespace dcrf
