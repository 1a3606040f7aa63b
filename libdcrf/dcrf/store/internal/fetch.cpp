#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/storage.hpp"
#include "dcrf/store/internal/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace dcrf::internal {

namespace {

using row_pointers = std::vector<row*>;

void fetch_all(store& at, const model_descriptor& model, const fetch_plan& plan,
               const row_pointers& rows, const deleted_rows* gone);

std::vector<value> distinct(const row_pointers& rows, std::size_t field) {
  std::vector<value> result;
  std::unordered_set<value, key_hash> seen;
  for (const auto* x : rows) {
    const auto& key = x->values[field];
    if (!is_null(key) && seen.insert(key).second) {
      result.push_back(key);
    }
  }
  return result;
}

row_pointers pointers_to(std::vector<row>& rows) {
  row_pointers result;
  result.reserve(rows.size());
  for (auto& x : rows) {
    result.push_back(&x);
  }
  return result;
}

void add_gone(const deleted_rows& gone, const model_descriptor& model,
              const std::vector<value>& keys, std::vector<row>& to) {
  for (const auto& x : gone) {
    if (x.model == &model && std::ranges::find(keys, model.key_of(x.values)) != keys.end()) {
      to.push_back({x.values});
    }
  }
}

// The rows that foreign keys refer to. Many rows may share one, so it is loaded, and what is nested
// in it, once, and then copied to each.
void fetch_referred(store& at, const fetch& x, std::size_t place, const row_pointers& parents,
                    const deleted_rows* gone) {
  const auto& model = *x.model;
  auto keys = distinct(parents, x.field);
  std::vector<row> found;
  if (x.keys_only) {
    for (const auto& key : keys) {
      found.push_back({{key}});
    }
  } else {
    for (auto& values : rows_with_keys(at, model, keys)) {
      found.push_back({std::move(values)});
    }
    if (gone != nullptr) {
      add_gone(*gone, model, keys, found);
    }
    fetch_all(at, model, x.nested, pointers_to(found), gone);
  }

  std::unordered_map<value, const row*, key_hash> by_key;
  for (const auto& one : found) {
    by_key.emplace(x.keys_only ? one.values.front() : model.key_of(one.values), &one);
  }
  for (auto* parent : parents) {
    auto mine = by_key.find(parent->values[x.field]);
    if (mine != by_key.end()) {
      parent->related[place].push_back(*mine->second);
    }
  }
}

// Where the rows of a fetch come from, and the column that says whose they are.
struct source {
  std::string link_join;
  std::string parent_column;
};

source source_of(const fetch& x) {
  auto root = select_builder::root;
  if (x.kind == fetch::side::referrers) {
    return {"", fmt::format("{}.{}", root, quoted_name(x.model->fields[x.field].column))};
  }
  auto source = quoted_name(x.relation->source_column());
  auto target = quoted_name(x.relation->target_column());
  auto targets = x.kind == fetch::side::targets;
  auto table = quoted_name(x.relation->table());
  if (x.relation->may_repeat()) {
    table = fmt::format("(SELECT DISTINCT {}, {} FROM {})", source, target, table);
  }
  return {fmt::format(" JOIN {} AS link ON link.{} = {}.{}", table, targets ? target : source, root,
                      quoted_name(x.model->key_field().column)),
          "link." + (targets ? source : target)};
}

// One query for all parents. The first column is the parent's key.
//
// A limit for each of several parents needs numbered rows; that reads all rows of each of them, so
// for a single parent the limit is that of the query, which can stop early.
bound_sql select_related(const dialect& language, const fetch& x, std::span<const value> keys) {
  select_builder builder{language, *x.model};
  auto from = source_of(x);
  auto columns = x.keys_only ? fmt::format("{}.{}", select_builder::root,
                                           quoted_name(x.model->key_field().column))
                             : columns_of(*x.model, select_builder::root);
  auto order = builder.order(x.order_by);
  auto is_single = keys.size() == 1;
  auto belongs =
      is_single ? fmt::format("{} = {}", from.parent_column, builder.parameter(keys.front()))
                : language.in_array(from.parent_column, builder.parameter(language.array_of(keys)));
  auto tables = builder.from() + from.link_join;

  std::string sql;
  if (x.limit && !is_single) {
    std::string names = "parent";
    auto count = x.keys_only ? 1 : x.model->fields.size();
    for (std::size_t i = 0; i < count; ++i) {
      names += fmt::format(", c{}", i);
    }
    sql =
        fmt::format("WITH ranked({0}, place) AS (SELECT {1}, {2}, row_number() OVER (PARTITION BY "
                    "{1} ORDER BY {3}) {4} WHERE {5}) "
                    "SELECT {0} FROM ranked WHERE place <= {6} ORDER BY place",
                    names, from.parent_column, columns, order, tables, belongs,
                    builder.parameter(std::max<std::int64_t>(*x.limit, 0)));
  } else {
    auto limit = limit_clause(builder, language, {.model = x.model, .limit = x.limit});
    sql = fmt::format("SELECT {}, {} {} WHERE {} ORDER BY {}{}", from.parent_column, columns,
                      tables, belongs, order, limit);
  }
  return {std::move(sql), std::move(builder.parameters())};
}

// What the rows of each parent come to. The first column is the parent's key.
bound_sql select_summaries(const dialect& language, const fetch& x, std::span<const value> keys) {
  select_builder builder{language, *x.model};
  auto from = source_of(x);
  auto summary = sql_of(*x.summary, builder, language);
  auto belongs = language.in_array(from.parent_column, builder.parameter(language.array_of(keys)));
  return {fmt::format("SELECT {0}, {1} {2}{3} WHERE {4} GROUP BY {0}", from.parent_column, summary,
                      builder.from(), from.link_join, belongs),
          std::move(builder.parameters())};
}

// A row, or no more than its key, behind the column that says whose it is.
std::optional<record> read_related(store& at, const statement& found, const fetch& x) {
  if (!x.keys_only) {
    return at.read_row(found, 1, *x.model);
  }
  auto key = at.read_key(found, 1, *x.model);
  return key ? std::optional{record{std::move(*key)}} : std::nullopt;
}

void fetch_summaries(store& at, const model_descriptor& parent_model, const fetch& x,
                     std::size_t place, const row_pointers& parents) {
  auto keys = distinct(parents, parent_model.primary_key);
  auto query = select_summaries(at.sql.language(), x, keys);
  std::unordered_map<value, value, key_hash> by_key;
  at.sql.each(query.sql, query.parameters, [&](const statement& found) {
    if (auto owner = at.read_key(found, 0, parent_model)) {
      by_key.emplace(std::move(*owner), read_aggregate(found, 1, *x.summary, *x.model));
    }
  });
  for (auto* parent : parents) {
    auto mine = by_key.find(parent_model.key_of(parent->values));
    parent->related[place].push_back(
        {{mine != by_key.end() ? mine->second : aggregate_of_none(*x.summary, *x.model)}});
  }
}

void fetch_many(store& at, const model_descriptor& parent_model, const fetch& x, std::size_t place,
                const row_pointers& parents, const deleted_rows* gone) {
  const auto& model = *x.model;
  auto keys = distinct(parents, parent_model.primary_key);
  std::unordered_map<value, std::vector<row*>, key_hash> by_key;
  for (auto* parent : parents) {
    by_key[parent_model.key_of(parent->values)].push_back(parent);
  }

  auto query = select_related(at.sql.language(), x, keys);
  at.sql.each(query.sql, query.parameters, [&](const statement& found) {
    auto owner = at.read_key(found, 0, parent_model);
    auto values = read_related(at, found, x);
    if (!owner || !values) {
      return;
    }
    for (auto* parent : by_key[*owner]) {
      parent->related[place].push_back({*values});
    }
  });

  if (!x.keys_only && !x.nested.empty()) {
    row_pointers children;
    for (auto* parent : parents) {
      for (auto& child : parent->related[place]) {
        children.push_back(&child);
      }
    }
    fetch_all(at, model, x.nested, children, gone);
  }
}

void check_fetch(store& at, const model_descriptor& parent, const fetch& x) {
  auto is_sound = false;
  switch (x.kind) {
  case fetch::side::foreign_key:
    is_sound = x.field < parent.fields.size() && parent.fields[x.field].is_foreign_key()
               && parent.fields[x.field].target() == *x.model;
    break;
  case fetch::side::referrers:
    is_sound = x.field < x.model->fields.size() && x.model->fields[x.field].is_foreign_key()
               && x.model->fields[x.field].target() == parent;
    break;
  case fetch::side::targets:
    is_sound = x.relation->source() == parent && x.relation->target() == *x.model;
    break;
  case fetch::side::sources:
    is_sound = x.relation->target() == parent && x.relation->source() == *x.model;
    break;
  }
  if (!is_sound) {
    throw store_failure(
        store_errc::failed,
        fmt::format("\"{}\" can't be fetched with \"{}\" in this way", x.model->name, parent.name));
  }
  at.statements(*x.model);
}

void fetch_all(store& at, const model_descriptor& model, const fetch_plan& plan,
               const row_pointers& rows, const deleted_rows* gone) {
  for (auto* x : rows) {
    x->related.resize(plan.size());
  }
  for (std::size_t i = 0; i < plan.size(); ++i) {
    check_fetch(at, model, plan[i]);
    if (rows.empty()) {
      continue;
    }
    if (plan[i].kind == fetch::side::foreign_key) {
      fetch_referred(at, plan[i], i, rows, gone);
    } else if (plan[i].summary) {
      fetch_summaries(at, model, plan[i], i, rows);
    } else {
      fetch_many(at, model, plan[i], i, rows, gone);
    }
  }
}

} // namespace

void fetch_related(store& at, const model_descriptor& model, const fetch_plan& plan,
                   std::vector<row>& rows, const deleted_rows* gone) {
  if (!plan.empty()) {
    fetch_all(at, model, plan, pointers_to(rows), gone);
  }
}

} // namespace dcrf::internal
