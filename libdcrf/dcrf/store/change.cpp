#include "dcrf/store/change.hpp"

#include "dcrf/store/internal/row_key.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace dcrf {

namespace {

// What a transaction did to one row: to the row itself, and to its relations.
struct row_changes {
  // Empty if the row did not change, or if it was created and deleted again.
  std::optional<change> row;
  bool row_touched = false;
  std::vector<change> relations;
};

void add_row_change(row_changes& sum, change x) {
  sum.row_touched = true;
  if (!sum.row) {
    sum.row = std::move(x);
    return;
  }
  sum.row->after = std::move(x.after);
  sum.row->deleted = std::move(x.deleted);
  sum.row->version = x.version;
  sum.row->shown = std::move(x.shown);
  if (!sum.row->before && !sum.row->after) {
    sum.row.reset();
  }
}

void add_relation_change(row_changes& sum, change x) {
  auto same = std::ranges::find_if(sum.relations, [&](const change& other) {
    return other.relation == x.relation && other.reverse == x.reverse;
  });
  if (same == sum.relations.end()) {
    sum.relations.push_back(std::move(x));
    return;
  }
  same->after = std::move(x.after);
  same->version = x.version;
  same->shown = std::move(x.shown);
}

} // namespace

std::vector<change> summed(std::vector<change> changes) {
  if (changes.size() < 2) {
    return changes;
  }
  std::vector<row_changes> sums;
  std::unordered_map<internal::row_key, std::size_t, internal::row_key_hash> places;
  for (auto& x : changes) {
    // A row whose key changed is still the same row.
    auto key = x.before ? x.model->key_of(*x.before) : x.key();
    auto [place, is_new] = places.try_emplace({x.model, key}, sums.size());
    auto index = place->second;
    if (is_new) {
      sums.emplace_back();
    }
    if (x.relation != nullptr) {
      add_relation_change(sums[index], std::move(x));
    } else {
      if (x.key() != key) {
        places.erase(place);
        places.insert_or_assign({x.model, x.key()}, index);
      }
      add_row_change(sums[index], std::move(x));
    }
  }

  std::vector<change> result;
  for (auto& sum : sums) {
    if (sum.row) {
      result.push_back(std::move(*sum.row));
    } else if (!sum.row_touched) {
      std::ranges::move(sum.relations, std::back_inserter(result));
    }
  }
  return result;
}

} // namespace dcrf
