#include "dcrf/observer/internal/list_window.hpp"

#include <algorithm>
#include <unordered_map>

namespace dcrf::internal {

namespace {

bool are_alike(const row& x, const row& y) {
  return x.values == y.values
         && std::ranges::equal(x.related, y.related, [](const auto& a, const auto& b) {
              return std::ranges::equal(a, b,
                                        [](const row& c, const row& d) { return are_alike(c, d); });
            });
}

constexpr std::size_t no_place = static_cast<std::size_t>(-1);

// Which of the places, each that of a row in the old list, form a longest sequence that grows:
// these rows stay where they are.
std::vector<bool> staying(const std::vector<std::size_t>& places) {
  std::vector<std::size_t> ends;
  std::vector<std::size_t> previous(places.size(), no_place);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] == no_place) {
      continue;
    }
    auto at =
        std::ranges::lower_bound(ends, places[i], {}, [&](std::size_t end) { return places[end]; });
    previous[i] = at == ends.begin() ? no_place : *std::prev(at);
    if (at == ends.end()) {
      ends.push_back(i);
    } else {
      *at = i;
    }
  }
  std::vector<bool> result(places.size());
  for (auto at = ends.empty() ? no_place : ends.back(); at != no_place; at = previous[at]) {
    result[at] = true;
  }
  return result;
}

// The row itself, what is shared of it, and its node in the table of keys.
constexpr std::size_t bytes_of_listed = 192;

// Beyond the value itself.
std::size_t memory_of(const value& x) {
  const auto* text = std::get_if<std::string>(&x);
  return text == nullptr ? 0 : text->capacity();
}

std::size_t memory_of(const row& x) {
  auto result = sizeof(row) + x.values.size() * sizeof(value);
  for (const auto& each : x.values) {
    result += memory_of(each);
  }
  for (const auto& rows : x.related) {
    result += sizeof(rows);
    for (const auto& each : rows) {
      result += memory_of(each);
    }
  }
  return result;
}

} // namespace

std::size_t memory_of(const listed_row& x) {
  return bytes_of_listed + memory_of(x.key) + (x.text ? x.text->capacity() : 0)
         + (x.shown ? memory_of(*x.shown) : 0);
}

bool looks_same(const listed_row& x, const listed_row& y) {
  if (x.text && y.text) {
    return *x.text == *y.text;
  }
  return x.shown && y.shown && are_alike(*x.shown, *y.shown);
}

std::vector<window_step> steps_between(const std::vector<listed_row>& from,
                                       const std::vector<listed_row>& to) {
  std::unordered_map<value, std::size_t, key_hash> places_before;
  for (std::size_t i = 0; i < from.size(); ++i) {
    places_before.emplace(from[i].key, i);
  }
  std::vector<std::size_t> places;
  std::vector<bool> remains(from.size());
  for (const auto& x : to) {
    auto found = places_before.find(x.key);
    places.push_back(found == places_before.end() ? no_place : found->second);
    if (places.back() != no_place) {
      remains[places.back()] = true;
    }
  }

  std::vector<window_step> result;
  for (auto i = from.size(); i-- > 0;) {
    if (!remains[i]) {
      result.push_back({change_kind::remove, i, &from[i]});
    }
  }
  // The places of the old list's rows as the client has them.
  std::vector<std::size_t> now;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (remains[i]) {
      now.push_back(i);
    }
  }
  auto stays = staying(places);
  std::size_t next = 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (places[i] == no_place) {
      result.push_back({change_kind::create, next, &to[i]});
      now.insert(now.begin() + static_cast<std::ptrdiff_t>(next), no_place);
      ++next;
      continue;
    }
    auto at = static_cast<std::size_t>(std::ranges::find(now, places[i]) - now.begin());
    if (stays[i]) {
      next = at;
    } else {
      now.erase(now.begin() + static_cast<std::ptrdiff_t>(at));
      next -= at < next ? 1 : 0;
      now.insert(now.begin() + static_cast<std::ptrdiff_t>(next), places[i]);
    }
    if (!stays[i] || !looks_same(from[places[i]], to[i])) {
      result.push_back({change_kind::update, next, &to[i]});
    }
    ++next;
  }
  return result;
}

} // namespace dcrf::internal
