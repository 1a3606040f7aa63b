#include "dcrf/actors/cluster/internal/command_check.hpp"

#include "dcrf/model/bytes.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace dcrf::cluster {

namespace {

void require(bool holds, const char* otherwise) {
  if (!holds) {
    throw malformed_bytes(otherwise);
  }
}

const field_descriptor& field_of(const model_descriptor& model, std::size_t index) {
  require(index < model.fields.size(), "a column is none of its model");
  return model.fields[index];
}

const model_descriptor& referred_by(const model_descriptor& model, std::size_t index) {
  const auto& field = field_of(model, index);
  require(field.is_foreign_key(), "what is followed is no foreign key");
  return field.target();
}

// Whether a column refers to rows of a model.
void check_reference(const model_descriptor& from, std::size_t index, const model_descriptor& to) {
  require(&referred_by(from, index) == &to, "a foreign key refers to another model");
}

const model_descriptor& near_of(const relation_descriptor& x, bool reverse) {
  return reverse ? x.target() : x.source();
}

// -- queries --------------------------------------------------------------------------------------

void check_column(const model_descriptor& model, const column_path& path) {
  require(!path.empty(), "a column is not named");
  const auto* at = &model;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    at = &referred_by(*at, path[i]);
  }
  field_of(*at, path.back());
}

void check(const model_descriptor& model, const condition& x);

void check_comparison(const model_descriptor& model, const condition& x) {
  check_column(model, x.path);
  switch (x.op) {
  case comparison::in:
    return;
  case comparison::is_null:
    require(x.operands.size() == 1 && std::holds_alternative<bool>(x.operands.front()),
            "whether a column is null is a boolean");
    return;
  case comparison::iexact:
  case comparison::contains:
  case comparison::icontains:
  case comparison::startswith:
  case comparison::istartswith:
  case comparison::endswith:
  case comparison::iendswith:
    require(x.operands.size() == 1 && std::holds_alternative<std::string>(x.operands.front()),
            "a text is compared to one text");
    return;
  default:
    require(x.operands.size() == 1, "a column is compared to one value");
  }
}

void check_rows(const model_descriptor& model, const condition& x) {
  const auto* at = &model;
  for (auto step : x.path) {
    at = &referred_by(*at, step);
  }
  require(x.children.size() == 1, "rows meet one condition");
  if (x.relation != nullptr) {
    require(&near_of(*x.relation, x.reverse) == at, "a relation is of another model");
    check(near_of(*x.relation, !x.reverse), x.children.front());
    return;
  }
  require(x.referrer != nullptr, "it is not said which rows belong to a row");
  check_reference(*x.referrer, x.referring_field, *at);
  check(*x.referrer, x.children.front());
}

void check(const model_descriptor& model, const condition& x) {
  switch (x.kind) {
  case condition::node::compare:
    check_comparison(model, x);
    return;
  case condition::node::related:
    require(x.relation != nullptr && &near_of(*x.relation, x.reverse) == &model,
            "a relation is of another model");
    return;
  case condition::node::any_of_rows:
    check_rows(model, x);
    return;
  case condition::node::negation:
    require(x.children.size() == 1, "one condition is negated");
    break;
  case condition::node::all_of:
  case condition::node::any_of:
    break;
  }
  for (const auto& child : x.children) {
    check(model, child);
  }
}

void check(const model_descriptor& model, const std::vector<ordering>& orders) {
  for (const auto& x : orders) {
    check_column(model, x.path);
  }
}

void check(const std::optional<std::int64_t>& limit) {
  require(!limit || *limit >= 0, "a limit is negative");
}

void check(const selection& x) {
  check(*x.model, x.where);
  check(*x.model, x.order_by);
  check(x.limit);
  require(x.offset >= 0, "an offset is negative");
}

void check(const lookup& x) {
  field_of(*x.model, x.field);
  check(*x.model, x.where);
}

void check(const model_descriptor& model, const aggregate& x) {
  if (!x.path.empty()) {
    check_column(model, x.path);
  } else {
    require(x.what == aggregate::function::count, "it is not said of which column");
  }
}

void check(const model_descriptor& model, const fetch_plan& plan) {
  for (const auto& x : plan) {
    if (x.kind == fetch::side::foreign_key) {
      check_reference(model, x.field, *x.model);
    } else if (x.kind == fetch::side::referrers) {
      check_reference(*x.model, x.field, model);
    } else {
      bool reverse = x.kind == fetch::side::sources;
      require(x.relation != nullptr && &near_of(*x.relation, reverse) == &model
                  && &near_of(*x.relation, !reverse) == x.model,
              "a relation is of other models");
    }
    check(*x.model, x.order_by);
    check(x.limit);
    if (x.summary) {
      check(*x.model, *x.summary);
    }
    check(*x.model, x.nested);
  }
}

// -- what is written ------------------------------------------------------------------------------

void check(const model_descriptor& model, const record& values) {
  require(values.size() == model.fields.size(), "a row has other columns than its model");
}

void check(const model_descriptor& model,
           const std::vector<std::pair<std::size_t, value>>& changes) {
  for (const auto& [index, x] : changes) {
    field_of(model, index);
  }
}

void check(const model_descriptor& model, const expression& x) {
  if (x.kind == expression::node::column) {
    field_of(model, x.field);
  }
  bool has_sides = x.kind != expression::node::column && x.kind != expression::node::constant;
  require(x.sides.size() == (has_sides ? 2U : 0U), "a number is computed of two");
  for (const auto& side : x.sides) {
    check(model, side);
  }
}

void check(const model_descriptor& model,
           const std::vector<std::pair<std::size_t, expression>>& computed) {
  for (const auto& [index, x] : computed) {
    field_of(model, index);
    check(model, x);
  }
}

void check(const model_descriptor& model, const std::vector<related_keys>& related) {
  for (const auto& x : related) {
    require(x.relation != nullptr && &near_of(*x.relation, x.reverse) == &model,
            "a relation is of another model");
  }
}

void check_body(const list_command& x) {
  check(x.rows);
  check(*x.rows.model, x.plan);
}
void check_body(const retrieve_command& x) {
  check(x.where);
  check(*x.where.model, x.plan);
}
void check_body(const count_command& x) { check(x.rows); }
void check_body(const aggregate_command& x) {
  check(x.rows);
  for (const auto& each : x.wanted) {
    check(*x.rows.model, each);
  }
  if (x.by) {
    check_column(*x.rows.model, *x.by);
  }
}
void check_body(const create_command& x) {
  check(*x.model, x.values);
  check(*x.model, x.related);
  for (auto index : x.given ? *x.given : std::vector<std::size_t>{}) {
    field_of(*x.model, index);
  }
  check(*x.model, x.plan);
}
void check_body(const update_command& x) {
  check(x.where);
  check(*x.where.model, x.changes);
  check(*x.where.model, x.computed);
  check(*x.where.model, x.related);
  check(*x.where.model, x.plan);
}
void check_body(const ensure_command& x) {
  check_body(x.creation);
  check(x.where);
  require(x.where.model == x.creation.model, "a row of another model is looked for");
  if (x.update) {
    check_body(*x.update);
    require(x.update->where.model == x.creation.model, "a row of another model is changed");
  }
}
void check_body(const delete_command& x) { check(x.where); }
void check_body(const relate_command& x) {
  require(x.relation != nullptr, "a relation is not named");
  if (x.link) {
    require(x.relation->through != nullptr, "the links of this relation have no columns");
    check(x.relation->through(), *x.link);
  }
}
void check_body(const bulk_create_command& x) {
  for (const auto& values : x.rows) {
    check(*x.model, values);
  }
}
void check_body(const bulk_update_command& x) {
  check(x.rows);
  check(*x.rows.model, x.changes);
  check(*x.rows.model, x.computed);
}
void check_body(const bulk_delete_command& x) { check(x.rows); }
// Which signal it is, and whether the values are its own, is found out where it is read.
void check_body(const signal_command&) {}
void check_body(const begin_command&) {}
void check_body(const commit_command&) {}
void check_body(const rollback_command&) {}

// -- what is answered -----------------------------------------------------------------------------

bool has_shape(const row& x, const model_descriptor& model, const fetch_plan& plan) {
  if (x.values.size() != model.fields.size() || x.related.size() != plan.size()) {
    return false;
  }
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto& fetched = plan[i];
    bool fits = std::ranges::all_of(x.related[i], [&fetched](const row& each) {
      return fetched.keys_only || fetched.summary ? each.values.size() == 1 && each.related.empty()
                                                  : has_shape(each, *fetched.model, fetched.nested);
    });
    if (!fits) {
      return false;
    }
  }
  return true;
}

} // namespace

void check(const command& x) {
  std::visit([](const auto& body) { check_body(body); }, x.body);
}

row_shape shape_of_answer(command&& x) {
  return std::visit(
      [](auto& body) -> row_shape {
        if constexpr (requires { body.creation; }) {
          return {body.creation.model, std::move(body.creation.plan), 0, true};
        } else if constexpr (requires { body.wanted; }) {
          return {.columns = body.wanted.size() + (body.by ? 1 : 0), .is_one = !body.by};
        } else if constexpr (requires {
                               body.where;
                               body.plan;
                             }) {
          return {body.where.model, std::move(body.plan), 0, true};
        } else if constexpr (requires {
                               body.rows.model;
                               body.plan;
                             }) {
          return {body.rows.model, std::move(body.plan), 0, false};
        } else if constexpr (requires {
                               body.model;
                               body.plan;
                             }) {
          return {body.model, std::move(body.plan), 0, true};
        } else if constexpr (requires { body.where; }) {
          return {body.where.model, {}, 0, true};
        } else {
          return {};
        }
      },
      x.body);
}

bool has_shape(const store_result& answer, const row_shape& x) {
  if (!answer.error && x.is_one && answer.rows.size() != 1) {
    return false;
  }
  return std::ranges::all_of(answer.rows, [&x](const row& each) {
    return x.model != nullptr ? has_shape(each, *x.model, x.plan)
                              : x.columns > 0 && each.values.size() == x.columns;
  });
}

} // namespace dcrf::cluster
