#include "dcrf/observer/internal/list_condition.hpp"

#include <algorithm>
#include <compare>
#include <string>
#include <variant>

namespace dcrf::internal {

namespace {

truth of(bool x) noexcept { return x ? truth::yes : truth::no; }

truth negated(truth x) noexcept { return x == truth::unknown ? x : of(x == truth::no); }

bool is_exact(const value& x) noexcept {
  return std::holds_alternative<bool>(x) || std::holds_alternative<std::int64_t>(x)
         || std::holds_alternative<std::string>(x) || std::holds_alternative<uuid>(x);
}

truth equals(const value& left, const value& right) {
  if (left.index() != right.index() || !is_exact(left)) {
    return truth::unknown;
  }
  return of(left == right);
}

truth compared(const condition& x, const value& left) {
  if (x.op == comparison::is_null) {
    const auto* wanted = x.operands.empty() ? nullptr : std::get_if<bool>(&x.operands.front());
    return wanted == nullptr ? truth::unknown : of(is_null(left) == *wanted);
  }
  if (std::ranges::any_of(x.operands, is_null)) {
    return truth::unknown;
  }
  if (is_null(left)) {
    return of(x.op == comparison::ne);
  }
  if (x.op == comparison::in) {
    auto result = truth::no;
    for (const auto& operand : x.operands) {
      auto each = equals(left, operand);
      if (each == truth::yes) {
        return each;
      }
      result = each == truth::unknown ? each : result;
    }
    return result;
  }
  if (x.operands.size() != 1) {
    return truth::unknown;
  }
  if (x.op == comparison::eq) {
    return equals(left, x.operands.front());
  }
  if (x.op == comparison::ne) {
    return negated(equals(left, x.operands.front()));
  }
  const auto* number = std::get_if<std::int64_t>(&left);
  const auto* other = std::get_if<std::int64_t>(&x.operands.front());
  if (number == nullptr || other == nullptr) {
    return truth::unknown;
  }
  switch (x.op) {
  case comparison::lt:
    return of(*number < *other);
  case comparison::le:
    return of(*number <= *other);
  case comparison::gt:
    return of(*number > *other);
  case comparison::ge:
    return of(*number >= *other);
  default:
    return truth::unknown;
  }
}

const model_descriptor& far_model(const condition& x) {
  if (x.relation == nullptr) {
    return *x.referrer;
  }
  return x.reverse ? x.relation->source() : x.relation->target();
}

// Whether a row that is followed to refers elsewhere from now on.
bool is_redirected(const column_path& path, std::size_t steps, const model_descriptor& model,
                   const change& what) {
  const auto* at = &model;
  for (std::size_t i = 0; i < steps; ++i) {
    if (i > 0 && at == what.model && what.relation == nullptr && what.before && what.after
        && (*what.before)[path[i]] != (*what.after)[path[i]]) {
      return true;
    }
    at = &at->fields[path[i]].target();
  }
  return false;
}

const model_descriptor& end_of(const column_path& path, std::size_t steps,
                               const model_descriptor& model) {
  const auto* at = &model;
  for (std::size_t i = 0; i < steps; ++i) {
    at = &at->fields[path[i]].target();
  }
  return *at;
}

bool same_columns(const std::set<std::size_t>& columns, const change& what) {
  return std::ranges::all_of(
      columns, [&](std::size_t column) { return (*what.before)[column] == (*what.after)[column]; });
}

// Whether a condition on the far rows of a link may hold for one of them.
bool may_hold(const condition& x, const model_descriptor& far, const value& key) {
  std::set<std::size_t> columns;
  add_columns(x, columns);
  record values(far.fields.size());
  values[far.primary_key] = key;
  bool is_by_key = columns == std::set{far.primary_key};
  return !is_by_key || holds(x, far, values) != truth::no;
}

// Whether links of a relation between rows were changed that matter: `matters` says for which far
// rows they do.
template <class Matters>
bool changes_links(const condition& x, const model_descriptor& near, const change& what,
                   const Matters& matters) {
  const auto& far = far_model(x);
  for (const auto& links : what.links) {
    if (links.relation != x.relation) {
      continue;
    }
    if (what.model == &near && links.reverse == x.reverse
        && (std::ranges::any_of(links.came, matters) || std::ranges::any_of(links.gone, matters))) {
      return true;
    }
    if (what.model == &far && links.reverse != x.reverse && matters(what.key())) {
      return true;
    }
  }
  if (x.relation->through == nullptr || what.model != &x.relation->through()
      || what.relation != nullptr) {
    return false;
  }
  auto near_field = x.reverse ? x.relation->target_field : x.relation->source_field;
  auto far_field = x.reverse ? x.relation->source_field : x.relation->target_field;
  if (what.before && what.after && same_columns({near_field, far_field}, what)) {
    return false;
  }
  return (what.before && matters((*what.before)[far_field]))
         || (what.after && matters((*what.after)[far_field]));
}

bool may_change_comparison(const condition& x, const model_descriptor& model, const change& what) {
  if (x.path.size() < 2) {
    return false;
  }
  if (is_redirected(x.path, x.path.size() - 1, model, what)) {
    return true;
  }
  auto last = x.path.back();
  bool is_compared = what.model == &end_of(x.path, x.path.size() - 1, model)
                     && what.relation == nullptr && what.before && what.after
                     && (*what.before)[last] != (*what.after)[last];
  if (!is_compared) {
    return false;
  }
  auto before = compared(x, (*what.before)[last]);
  auto after = compared(x, (*what.after)[last]);
  return before == truth::unknown || before != after;
}

bool may_change_relation(const condition& x, const model_descriptor& model, const change& what) {
  auto is_operand = [&x](const value& key) {
    return std::ranges::find(x.operands, key) != x.operands.end();
  };
  bool is_far_deleted = what.model == &far_model(x) && what.relation == nullptr && !what.after
                        && is_operand(what.key());
  return is_far_deleted || changes_links(x, model, what, is_operand);
}

// A row at the far side that changes itself.
bool may_change_far_row(const condition& x, const model_descriptor& far, const change& what) {
  const auto& child = x.children.front();
  auto before = what.before ? holds(child, far, *what.before) : truth::no;
  auto after = what.after ? holds(child, far, *what.after, !what.before) : truth::no;
  if (!what.before) {
    // Links to a new row are changes of their own.
    return x.relation == nullptr && after != truth::no;
  }
  if (!what.after) {
    return before != truth::no;
  }
  std::set<std::size_t> columns;
  add_columns(child, columns);
  bool is_same = same_columns(columns, what)
                 && what.model->key_of(*what.before) == what.model->key_of(*what.after);
  bool stays = x.relation != nullptr
               || (*what.before)[x.referring_field] == (*what.after)[x.referring_field];
  if (stays) {
    return !is_same && (before == truth::unknown || before != after);
  }
  return before != truth::no || after != truth::no;
}

bool may_change_rows(const condition& x, const model_descriptor& model, const change& what) {
  if (is_redirected(x.path, x.path.size(), model, what)) {
    return true;
  }
  const auto& near = end_of(x.path, x.path.size(), model);
  const auto& far = far_model(x);
  const auto& child = x.children.front();
  if (what.model == &far && what.relation == nullptr && may_change_far_row(x, far, what)) {
    return true;
  }
  if (x.relation != nullptr) {
    auto matters = [&](const value& key) {
      if (what.model == &far && what.key() == key) {
        return holds(child, far, what.last()) != truth::no;
      }
      return may_hold(child, far, key);
    };
    if (changes_links(x, near, what, matters)) {
      return true;
    }
  }
  return may_change(child, far, what);
}

void add_models_of_path(const column_path& path, std::size_t steps, const model_descriptor& model,
                        std::vector<const model_descriptor*>& to) {
  const auto* at = &model;
  for (std::size_t i = 0; i < steps; ++i) {
    at = &at->fields[path[i]].target();
    to.push_back(at);
  }
}

std::optional<std::strong_ordering> order_of(const value& a, const value& b, bool compares_texts) {
  if (a.index() != b.index()) {
    return std::nullopt;
  }
  if (const auto* x = std::get_if<bool>(&a)) {
    return *x <=> std::get<bool>(b);
  }
  if (const auto* x = std::get_if<std::int64_t>(&a)) {
    return *x <=> std::get<std::int64_t>(b);
  }
  if (const auto* x = std::get_if<std::string>(&a); x != nullptr && compares_texts) {
    return *x <=> std::get<std::string>(b);
  }
  return a == b && is_exact(a) ? std::optional{std::strong_ordering::equal} : std::nullopt;
}

} // namespace

truth holds(const condition& x, const model_descriptor& model, const record& values, bool is_new) {
  switch (x.kind) {
  case condition::node::all_of: {
    auto result = truth::yes;
    for (const auto& child : x.children) {
      auto each = holds(child, model, values, is_new);
      if (each == truth::no) {
        return each;
      }
      result = each == truth::unknown ? each : result;
    }
    return result;
  }
  case condition::node::any_of: {
    auto result = truth::no;
    for (const auto& child : x.children) {
      auto each = holds(child, model, values, is_new);
      if (each == truth::yes) {
        return each;
      }
      result = each == truth::unknown ? each : result;
    }
    return result;
  }
  case condition::node::negation:
    return negated(holds(x.children.front(), model, values, is_new));
  case condition::node::compare:
    return x.path.size() == 1 ? compared(x, values[x.path.front()]) : truth::unknown;
  case condition::node::related:
    return is_new ? truth::no : truth::unknown;
  case condition::node::any_of_rows:
    return is_new && x.path.empty() ? truth::no : truth::unknown;
  }
  return truth::unknown;
}

void add_columns(const condition& x, std::set<std::size_t>& to) {
  if (!x.path.empty()) {
    to.insert(x.path.front());
  }
  if (x.kind != condition::node::any_of_rows) {
    for (const auto& child : x.children) {
      add_columns(child, to);
    }
  }
}

void add_models(const condition& x, const model_descriptor& model,
                std::vector<const model_descriptor*>& to) {
  switch (x.kind) {
  case condition::node::compare:
    add_models_of_path(x.path, x.path.empty() ? 0 : x.path.size() - 1, model, to);
    return;
  case condition::node::related:
  case condition::node::any_of_rows: {
    add_models_of_path(x.path, x.path.size(), model, to);
    const auto& far = far_model(x);
    to.push_back(&far);
    // Links are told of at either side.
    to.push_back(&end_of(x.path, x.path.size(), model));
    if (x.relation != nullptr && x.relation->through != nullptr) {
      to.push_back(&x.relation->through());
    }
    for (const auto& child : x.children) {
      add_models(child, far, to);
    }
    return;
  }
  default:
    for (const auto& child : x.children) {
      add_models(child, model, to);
    }
  }
}

bool may_change(const condition& x, const model_descriptor& model, const change& what) {
  switch (x.kind) {
  case condition::node::compare:
    return may_change_comparison(x, model, what);
  case condition::node::related:
    return may_change_relation(x, model, what);
  case condition::node::any_of_rows:
    return may_change_rows(x, model, what);
  default:
    return std::ranges::any_of(
        x.children, [&](const condition& child) { return may_change(child, model, what); });
  }
}

bool may_change(const std::vector<ordering>& by, const model_descriptor& model,
                const change& what) {
  return std::ranges::any_of(by, [&](const ordering& x) {
    if (x.path.size() < 2) {
      return false;
    }
    bool is_last_changed = what.model == &end_of(x.path, x.path.size() - 1, model)
                           && what.relation == nullptr && what.before && what.after
                           && (*what.before)[x.path.back()] != (*what.after)[x.path.back()];
    return is_last_changed || is_redirected(x.path, x.path.size() - 1, model, what);
  });
}

void add_models(const std::vector<ordering>& by, const model_descriptor& model,
                std::vector<const model_descriptor*>& to) {
  for (const auto& x : by) {
    add_models_of_path(x.path, x.path.size() - 1, model, to);
  }
}

std::optional<equality> equality_of(const condition& x) {
  // An `in` of very many is no better than a look at the row.
  constexpr std::size_t few = 16;
  if (x.kind == condition::node::compare && (x.op == comparison::eq || x.op == comparison::in)
      && x.path.size() == 1 && x.operands.size() <= few
      && std::ranges::all_of(x.operands, is_exact)) {
    return equality{x.path.front(), x.operands};
  }
  if (x.kind == condition::node::all_of) {
    for (const auto& child : x.children) {
      if (auto found = equality_of(child)) {
        return found;
      }
    }
  }
  return std::nullopt;
}

bool is_surely_after(const record& x, const record& other, const std::vector<ordering>& by,
                     const model_descriptor& model, bool compares_texts) {
  for (const auto& each : by) {
    if (each.path.size() != 1) {
      return false;
    }
    auto order = order_of(x[each.path.front()], other[each.path.front()], compares_texts);
    if (!order) {
      return false;
    }
    if (*order != std::strong_ordering::equal) {
      return (*order == std::strong_ordering::greater) != each.is_descending;
    }
  }
  auto order = order_of(model.key_of(x), model.key_of(other), compares_texts);
  return order && *order == std::strong_ordering::greater;
}

} // namespace dcrf::internal
