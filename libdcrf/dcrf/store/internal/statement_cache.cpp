#include "dcrf/store/internal/statement_cache.hpp"

#include <string>

namespace dcrf::internal {

cursor statement_cache::get(std::string_view sql) {
  auto found = by_sql_.find(sql);
  if (found != by_sql_.end()) {
    auto place = found->second;
    if (place->in_use) {
      return cursor{std::shared_ptr<statement>{database_.make_statement(std::string{sql})}};
    }
    entries_.splice(entries_.begin(), entries_, place);
    return {place->prepared, place->in_use};
  }
  make_room();
  entries_.push_front({std::shared_ptr<statement>{database_.make_statement(std::string{sql})}});
  auto& added = entries_.front();
  by_sql_.emplace(added.prepared->sql(), entries_.begin());
  return {added.prepared, added.in_use};
}

void statement_cache::make_room() {
  if (entries_.size() < capacity) {
    return;
  }
  for (auto i = std::prev(entries_.end()); i != entries_.begin(); --i) {
    if (!i->in_use) {
      by_sql_.erase(i->prepared->sql());
      entries_.erase(i);
      return;
    }
  }
}

} // namespace dcrf::internal
