#include "dcrf/store/change.hpp"

#include "dcrf/store/internal/row_key.hpp"

#include <algorithm>
#include <cstddef>
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
  // That of the row's first change; of its relations only if the row stays as it is.
  std::size_t place = 0;
  std::vector<change> relations;
};

// Takes a key out of a list; whether it was there.
bool take_out(std::vector<value>& from, const value& key) {
  auto found = std::ranges::find(from, key);
  if (found == from.end()) {
    return false;
  }
  from.erase(found);
  return true;
}

// What came and went again, or went and came again, did neither.
void add_keys(std::vector<value>& to, std::vector<value>& opposite,
              const std::vector<value>& keys) {
  for (const auto& key : keys) {
    if (!take_out(opposite, key)) {
      to.push_back(key);
    }
  }
}

void add_links(std::vector<change::link_change>& sum, std::vector<change::link_change> links) {
  for (auto& x : links) {
    auto same = std::ranges::find_if(sum, [&](const auto& other) {
      return other.relation == x.relation && other.reverse == x.reverse;
    });
    if (same == sum.end()) {
      sum.push_back(std::move(x));
    } else {
      add_keys(same->came, same->gone, x.came);
      add_keys(same->gone, same->came, x.gone);
    }
  }
}

// What was loaded later is what it is.
void replace_shown(std::vector<change::loaded>& sum, std::vector<change::loaded> later) {
  for (auto& x : later) {
    auto same = std::ranges::find(sum, x.plan, &change::loaded::plan);
    if (same == sum.end()) {
      sum.push_back(std::move(x));
    } else {
      same->row.related = std::move(x.row.related);
    }
  }
}

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
  add_links(sum.row->links, std::move(x.links));
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
  add_links(same->links, std::move(x.links));
}

} // namespace

std::vector<change> summed(std::vector<change> changes) {
  if (changes.size() < 2) {
    return changes;
  }
  std::vector<row_changes> sums;
  std::unordered_map<internal::row_key, std::size_t, internal::row_key_hash> places;
  std::vector<change> gaps;
  for (auto& x : changes) {
    if (x.is_gap) {
      gaps.push_back(std::move(x));
      continue;
    }
    // A row whose key changed is still the same row.
    auto key = x.before ? x.model->key_of(*x.before) : x.key();
    auto [place, is_new] = places.try_emplace({x.model, key}, sums.size());
    auto index = place->second;
    auto position = static_cast<std::size_t>(&x - changes.data());
    if (is_new) {
      sums.emplace_back().place = position;
    }
    if (x.relation != nullptr) {
      add_relation_change(sums[index], std::move(x));
    } else {
      if (x.key() != key) {
        places.erase(place);
        places.insert_or_assign({x.model, x.key()}, index);
      }
      if (!sums[index].row_touched) {
        sums[index].place = position;
      }
      add_row_change(sums[index], std::move(x));
    }
  }

  if (!std::ranges::is_sorted(sums, {}, &row_changes::place)) {
    std::ranges::sort(sums, {}, &row_changes::place);
  }
  auto result = std::move(gaps);
  for (auto& sum : sums) {
    if (sum.row) {
      for (auto& x : sum.relations) {
        add_links(sum.row->links, std::move(x.links));
        if (sum.row->after && x.version > sum.row->version) {
          replace_shown(sum.row->shown, std::move(x.shown));
        }
      }
      result.push_back(std::move(*sum.row));
    } else if (!sum.row_touched) {
      std::ranges::move(sum.relations, std::back_inserter(result));
    }
  }
  return result;
}

} // namespace dcrf
