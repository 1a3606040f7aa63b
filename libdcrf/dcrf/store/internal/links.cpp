#include "dcrf/store/internal/links.hpp"

#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <array>
#include <unordered_set>

namespace dcrf::internal {

namespace {

using key_set = std::unordered_set<value, key_hash>;

// What is in `keys` and not in `others`.
std::vector<value> without(const std::vector<value>& keys, const std::vector<value>& others) {
  key_set excluded{others.begin(), others.end()};
  std::vector<value> result;
  for (const auto& key : keys) {
    if (!excluded.contains(key)) {
      result.push_back(key);
    }
  }
  return result;
}

void remove_links(store& at, const relation_end& end, const value& own,
                  const std::vector<value>& keys) {
  if (!keys.empty()) {
    std::array<value, 2> parameters{own, at.sql.language().array_of(keys)};
    at.sql.execute(at.statements(*end.relation, end.reverse).remove, parameters);
  }
}

std::vector<value> linked(store& at, const relation_end& end, const value& own) {
  std::vector<value> result;
  at.sql.each(at.statements(*end.relation, end.reverse).select, {&own, 1},
              [&](const statement& found) {
                if (auto key = at.read_key(found, 0, end.far())) {
                  result.push_back(std::move(*key));
                }
              });
  return result;
}

} // namespace

std::vector<value> checked_keys(store& at, const relation_end& end, const std::vector<value>& keys,
                                bool must_exist, row_errors& errors) {
  key_set seen;
  std::vector<value> result;
  for (const auto& key : keys) {
    auto x = fitted(end.far().key_field(), key);
    if (!x || is_null(*x) || (must_exist && !has_row(at, end.far(), *x))) {
      if (must_exist) {
        errors.add(end.name(), missing_message(key));
      }
    } else if (seen.insert(*x).second) {
      result.push_back(std::move(*x));
    }
  }
  return result;
}

void add_links(store& at, const relation_end& end, const value& own,
               const std::vector<value>& keys) {
  const auto& sql = at.statements(*end.relation, end.reverse).add;
  for (const auto& key : keys) {
    std::array<value, 2> parameters{own, key};
    at.sql.execute(sql, parameters);
  }
}

std::vector<value> set_links(store& at, const relation_end& end, const value& own,
                             const std::vector<value>& keys) {
  auto before = linked(at, end, own);
  auto gone = without(before, keys);
  auto come = without(keys, before);
  remove_links(at, end, own, gone);
  add_links(at, end, own, come);
  gone.insert(gone.end(), come.begin(), come.end());
  return gone;
}

void note_far_rows(store& at, const relation_end& end, const std::vector<value>& keys) {
  if (keys.empty()) {
    return;
  }
  for (auto& values : rows_with_keys(at, end.far(), keys)) {
    at.note_relation(end.far(), std::move(values), *end.relation, !end.reverse);
  }
}

store_result execute(store& at, const relate_command& x) {
  relation_end end{x.relation, x.reverse};
  auto own =
      look_up_locked(at, {.model = &end.own(), .key = x.key, .field = end.own().primary_key});
  const auto& key = end.own().key_of(own);

  row_errors errors{json_text::trusted("{}")};
  auto is_addition = x.mode == relate_command::how::add || x.mode == relate_command::how::set;
  auto keys = checked_keys(at, end, x.keys, is_addition, errors);
  errors.raise();

  switch (x.mode) {
  case relate_command::how::add:
    add_links(at, end, key, keys);
    break;
  case relate_command::how::remove:
    remove_links(at, end, key, keys);
    break;
  case relate_command::how::set:
    keys = set_links(at, end, key, keys);
    break;
  case relate_command::how::clear:
    keys = set_links(at, end, key, {});
    break;
  }
  at.note_relation(end.own(), std::move(own), *end.relation, end.reverse);
  note_far_rows(at, end, keys);
  return {};
}

} // namespace dcrf::internal
