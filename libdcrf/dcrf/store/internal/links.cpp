#include "dcrf/store/internal/links.hpp"

#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/single_query.hpp"
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

// -- links with a table of their own --------------------------------------------------------------

std::vector<value> remove_plain(store& at, const relation_end& end, const value& own,
                                const std::vector<value>& keys) {
  std::vector<value> gone;
  std::array<value, 2> parameters{own, at.sql.language().array_of(keys)};
  at.sql.each(at.statements(*end.relation, end.reverse).remove, parameters,
              [&](const statement& found) {
                if (auto key = at.read_key(found, 0, end.far())) {
                  gone.push_back(std::move(*key));
                }
              });
  return gone;
}

std::vector<value> add_plain(store& at, const relation_end& end, const value& own,
                             const std::vector<value>& keys) {
  std::vector<value> came;
  const auto& sql = at.statements(*end.relation, end.reverse).add;
  for (const auto& key : keys) {
    std::array<value, 2> parameters{own, key};
    if (at.sql.exists(sql, parameters)) {
      came.push_back(key);
    }
  }
  return came;
}

// -- links that are rows of a model ---------------------------------------------------------------

// These rows are changes themselves, from which those of the relation follow: see note_link_row.

void remove_rows(store& at, const relation_end& end, const value& own,
                 const std::vector<value>& keys) {
  std::vector<record> links;
  const auto& model = end.relation->through();
  std::array<value, 2> parameters{own, at.sql.language().array_of(keys)};
  at.sql.each(at.statements(*end.relation, end.reverse).rows, parameters,
              [&](const statement& found) {
                if (auto values = at.read_row(found, 0, model)) {
                  links.push_back(std::move(*values));
                }
              });
  remove_with_referrers(at, model, std::move(links));
}

record initial_row(const model_descriptor& model) {
  record result;
  result.reserve(model.fields.size());
  for (const auto& field : model.fields) {
    result.push_back(field.initial());
  }
  return result;
}

void add_row(store& at, const relation_end& end, const value& own, const value& key,
             const std::optional<record>& with) {
  const auto& model = end.relation->through();
  auto values = with ? *with : initial_row(model);
  values.at(end.relation->source_field) = end.reverse ? key : own;
  values.at(end.relation->target_field) = end.reverse ? own : key;
  insert_checked(at, model, std::move(values));
}

void add_rows(store& at, const relation_end& end, const value& own, const std::vector<value>& keys,
              const std::optional<record>& with) {
  const auto& sql = at.statements(*end.relation, end.reverse).exists;
  for (const auto& key : keys) {
    std::array<value, 2> parameters{own, key};
    if (!at.sql.exists(sql, parameters)) {
      add_row(at, end, own, key, with);
    }
  }
}

// -- either ---------------------------------------------------------------------------------------

changed_links remove_links(store& at, const relation_end& end, const value& own,
                           const std::vector<value>& keys) {
  changed_links result;
  if (keys.empty()) {
    return result;
  }
  if (end.relation->through == nullptr) {
    result.gone = remove_plain(at, end, own, keys);
  } else {
    remove_rows(at, end, own, keys);
  }
  return result;
}

changed_links add_links(store& at, const relation_end& end, const value& own,
                        const std::vector<value>& keys, const std::optional<record>& with = {}) {
  changed_links result;
  if (end.relation->through == nullptr) {
    result.came = add_plain(at, end, own, keys);
  } else {
    add_rows(at, end, own, keys, with);
  }
  return result;
}

bool contains(const std::vector<value>& keys, const value& x) {
  return std::ranges::find(keys, x) != keys.end();
}

// One row at the end of a link that came or went.
void note_end(store& at, const relation_end& end, const value& own, const value& far,
              bool has_come) {
  auto values = at.find(end.own(), end.own().primary_key, own);
  if (values) {
    change::link_change links{.relation = end.relation, .reverse = end.reverse};
    (has_come ? links.came : links.gone).push_back(far);
    at.note_relation(end.own(), std::move(*values), std::move(links));
  }
}

void note_link(store& at, const relation_descriptor& relation, const record& link, bool has_come) {
  const auto& source = link[relation.source_field];
  const auto& target = link[relation.target_field];
  if (!is_null(source) && !is_null(target)) {
    note_end(at, {&relation, false}, source, target, has_come);
    note_end(at, {&relation, true}, target, source, has_come);
  }
}

} // namespace

std::vector<value> changed_links::all() const {
  auto result = gone;
  result.insert(result.end(), came.begin(), came.end());
  return result;
}

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

changed_links set_links(store& at, const relation_end& end, const value& own,
                        const std::vector<value>& keys) {
  auto before = linked(at, end, own);
  auto gone = without(before, keys);
  auto come = without(keys, before);
  auto result = remove_links(at, end, own, gone);
  result.came = add_links(at, end, own, come).came;
  return result;
}

void note_links(store& at, const relation_end& end, record own, const std::vector<value>& far_keys,
                const changed_links& done) {
  auto own_key = end.own().key_of(own);
  at.note_relation(end.own(), std::move(own), {end.relation, end.reverse, done.came, done.gone});
  if (far_keys.empty()) {
    return;
  }
  for (auto& values : rows_with_keys(at, end.far(), far_keys)) {
    change::link_change links{.relation = end.relation, .reverse = !end.reverse};
    const auto& key = end.far().key_of(values);
    if (contains(done.came, key)) {
      links.came.push_back(own_key);
    } else if (contains(done.gone, key)) {
      links.gone.push_back(own_key);
    }
    at.note_relation(end.far(), std::move(values), std::move(links));
  }
}

void note_link_row(store& at, const relation_descriptor& relation,
                   const std::optional<record>& before, const std::optional<record>& after) {
  auto is_same = [&](std::size_t field) {
    return before && after && (*before)[field] == (*after)[field];
  };
  if (is_same(relation.source_field) && is_same(relation.target_field)) {
    return;
  }
  if (before) {
    note_link(at, relation, *before, false);
  }
  if (after) {
    note_link(at, relation, *after, true);
  }
}

store_result execute(store& at, const relate_command& x) {
  relation_end end{x.relation, x.reverse};
  auto own =
      look_up_locked(at, {.model = &end.own(), .key = x.key, .field = end.own().primary_key});
  if (!own) {
    return {.error = not_found(end.own())};
  }
  const auto& key = end.own().key_of(*own);

  row_errors errors;
  auto is_addition = x.mode == relate_command::how::add || x.mode == relate_command::how::set;
  auto named = x.mode == relate_command::how::clear ? std::vector<value>{} : x.keys;
  auto keys = checked_keys(at, end, named, is_addition, errors);
  errors.raise();

  changed_links done;
  switch (x.mode) {
  case relate_command::how::add:
    done = add_links(at, end, key, keys, x.link);
    break;
  case relate_command::how::remove:
    done = remove_links(at, end, key, keys);
    break;
  case relate_command::how::set:
  case relate_command::how::clear:
    done = set_links(at, end, key, keys);
    keys = done.all();
    break;
  }
  note_links(at, end, std::move(*own), keys, done);
  return {};
}

} // namespace dcrf::internal
