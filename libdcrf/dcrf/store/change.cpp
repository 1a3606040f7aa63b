#include "dcrf/store/change.hpp"

#include "dcrf/store/internal/row_key.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace dcrf {

namespace {

// What a transaction did to one row: to the row itself, and to its relations.
struct row_changes {
  // Empty if the row did not change, or if it was created and deleted again.
  std::optional<change> row;
  bool row_touched = false;
  std::vector<change> relations;
};

void add_row_change(row_changes& sum, const change& x) {
  sum.row_touched = true;
  if (!sum.row) {
    sum.row = x;
    return;
  }
  sum.row->after = x.after;
  sum.row->last = x.last;
  sum.row->version = x.version;
  if (!sum.row->before && !sum.row->after) {
    sum.row.reset();
  }
}

void add_relation_change(row_changes& sum, const change& x) {
  auto same = std::ranges::find_if(sum.relations, [&](const change& other) {
    return other.relation == x.relation && other.reverse == x.reverse;
  });
  if (same == sum.relations.end()) {
    sum.relations.push_back(x);
    return;
  }
  same->after = x.after;
  same->last = x.last;
  same->version = x.version;
}

} // namespace

std::vector<change> summed(std::span<const change> changes) {
  if (changes.size() < 2) {
    return {changes.begin(), changes.end()};
  }
  std::vector<row_changes> sums;
  std::unordered_map<internal::row_key, std::size_t, internal::row_key_hash> places;
  for (const auto& x : changes) {
    // A row whose key changed is still the same row.
    const auto& key = x.before ? x.model->key_of(*x.before) : x.key();
    auto [place, is_new] = places.try_emplace({x.model, key}, sums.size());
    auto index = place->second;
    if (is_new) {
      sums.emplace_back();
    }
    if (x.relation != nullptr) {
      add_relation_change(sums[index], x);
    } else {
      add_row_change(sums[index], x);
      if (x.key() != key) {
        places.erase(place);
        places.insert_or_assign({x.model, x.key()}, index);
      }
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
