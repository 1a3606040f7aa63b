#include "dcrf/store/query.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dcrf {

namespace {

// Joins two conditions under one node, taking in the children of those that are such a node
// already: a chain of a hundred conditions is one list, not a tree of that depth.
condition joined(condition::node kind, condition lhs, condition rhs) {
  condition result;
  result.kind = kind;
  for (auto* side : {&lhs, &rhs}) {
    if (side->kind == kind) {
      std::ranges::move(side->children, std::back_inserter(result.children));
    } else {
      result.children.push_back(std::move(*side));
    }
  }
  if (result.children.size() == 1) {
    auto only = std::move(result.children.front());
    return only;
  }
  return result;
}

} // namespace

condition detail::comparison_of(column_path path, comparison op, std::vector<value> operands) {
  condition result;
  result.kind = condition::node::compare;
  result.path = std::move(path);
  result.op = op;
  result.operands = std::move(operands);
  return result;
}

expression detail::constant_of(value x) { return {.constant = std::move(x)}; }

expression detail::column_expression(std::size_t field) {
  return {.kind = expression::node::column, .field = field};
}

expression detail::combined(expression::node kind, expression lhs, expression rhs) {
  expression result{.kind = kind};
  result.sides.push_back(std::move(lhs));
  result.sides.push_back(std::move(rhs));
  return result;
}

condition operator&&(condition lhs, condition rhs) {
  return joined(condition::node::all_of, std::move(lhs), std::move(rhs));
}

condition operator||(condition lhs, condition rhs) {
  if (lhs.is_always() || rhs.is_always()) {
    return {};
  }
  return joined(condition::node::any_of, std::move(lhs), std::move(rhs));
}

condition operator!(condition x) {
  if (x.kind == condition::node::negation) {
    auto inner = std::move(x.children.front());
    return inner;
  }
  condition result;
  result.kind = condition::node::negation;
  result.children.push_back(std::move(x));
  return result;
}

} // namespace dcrf
