#include "dcrf/observer/internal/live_query_index.hpp"

#include "dcrf/observer/internal/list_condition.hpp"

#include <utility>

namespace dcrf::internal {

live_query* live_query_index::find(const group_name& group) const {
  auto found = by_group_.find(group);
  return found == by_group_.end() ? nullptr : found->second.get();
}

live_query& live_query_index::add(std::unique_ptr<live_query> x) {
  auto& added = *x;
  by_group_.emplace(added.group(), std::move(x));
  auto& own = own_[&added.model()];
  if (auto by = equality_of(added.where())) {
    for (const auto& operand : by->operands) {
      own.by_column[by->column][operand].insert(&added);
    }
  } else {
    own.others.insert(&added);
  }
  for (const auto* model : added.others()) {
    others_[model].insert(&added);
  }
  return added;
}

void live_query_index::remove(live_query& x) {
  auto own = own_.find(&x.model());
  if (auto by = equality_of(x.where())) {
    auto& places = own->second.by_column[by->column];
    for (const auto& operand : by->operands) {
      if (auto place = places.find(operand); place != places.end()) {
        place->second.erase(&x);
        if (place->second.empty()) {
          places.erase(place);
        }
      }
    }
    if (places.empty()) {
      own->second.by_column.erase(by->column);
    }
  } else {
    own->second.others.erase(&x);
  }
  for (const auto* model : x.others()) {
    others_[model].erase(&x);
  }
  if (last_turn_ != nullptr && *last_turn_ == x.group()) {
    last_turn_ = nullptr;
  }
  by_group_.erase(group_name{x.group()});
}

live_query* live_query_index::next_in_turn() {
  if (by_group_.empty()) {
    return nullptr;
  }
  auto at = last_turn_ ? by_group_.upper_bound(*last_turn_) : by_group_.begin();
  at = at == by_group_.end() ? by_group_.begin() : at;
  last_turn_ = std::make_unique<group_name>(at->first);
  return at->second.get();
}

} // namespace dcrf::internal
