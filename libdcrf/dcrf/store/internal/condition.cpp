#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>

namespace dcrf::internal {

namespace {

constexpr std::string_view always = "1 = 1";
constexpr std::string_view never = "1 = 0";

// As many parameters as one statement may have, with some to spare.
constexpr std::size_t max_parameters = 30'000;

std::string_view sql_of(comparison op) noexcept {
  switch (op) {
  case comparison::lt:
    return "<";
  case comparison::le:
    return "<=";
  case comparison::gt:
    return ">";
  case comparison::ge:
    return ">=";
  default:
    return "=";
  }
}

// Halves the list again and again, because databases limit how deep an expression is nested, and
// a AND b AND c is nested.
std::string balanced(std::span<const std::string> parts, std::string_view word) {
  if (parts.size() == 1) {
    return parts.front();
  }
  auto half = parts.size() / 2;
  return fmt::format("({} {} {})", balanced(parts.first(half), word), word,
                     balanced(parts.subspan(half), word));
}

// The largest value that the database can hold which is not larger than a text: texts are compared
// byte by byte, and what ends before the NUL is less than what has it.
value held_below(const value& x) {
  const auto& text = std::get<std::string>(x);
  return text.substr(0, text.find('\0'));
}

// How what can't be held is compared, if what is right below it stands for it: nothing equals it,
// and what is less than it is what is not more than the lower one. Empty if nothing is found so.
std::optional<comparison> from_below(comparison op) {
  switch (op) {
  case comparison::lt:
  case comparison::le:
    return comparison::le;
  case comparison::ge:
  case comparison::gt:
    return comparison::gt;
  default:
    return std::nullopt;
  }
}

} // namespace

std::string select_builder::where(const condition& x) {
  switch (x.kind) {
  case condition::node::all_of:
    return x.children.empty() ? std::string{always} : connected(x.children, "AND");
  case condition::node::any_of:
    return x.children.empty() ? std::string{never} : connected(x.children, "OR");
  case condition::node::negation:
    return negated(x);
  case condition::node::compare:
    return compared(x);
  case condition::node::related:
    return related(x);
  case condition::node::any_of_rows:
    return any_of_rows(x);
  }
  return std::string{never};
}

// IS NOT TRUE also holds for what is null, so that the rows which don't meet a condition are
// exactly those that meet its negation.
std::string select_builder::negated(const condition& x) {
  if (x.children.size() != 1) {
    throw store_failure(store_errc::failed, "a negated condition has one child");
  }
  return fmt::format("(({}) IS NOT TRUE)", where(x.children.front()));
}

std::string select_builder::connected(const std::vector<condition>& parts, std::string_view word) {
  std::vector<std::string> texts;
  texts.reserve(parts.size());
  for (const auto& part : parts) {
    texts.push_back(where(part));
  }
  return balanced(texts, word);
}

std::string select_builder::compared(const condition& x) {
  auto at = follow(x.path);
  if (x.op == comparison::in) {
    return one_of(at, x.operands);
  }
  if (x.operands.size() != 1) {
    throw store_failure(store_errc::failed, "a comparison has one operand");
  }
  return compared_to(at, x.op, x.operands.front());
}

std::string select_builder::compared_to(const endpoint& at, comparison op, const value& operand) {
  auto is_negative = op == comparison::ne;
  if (op == comparison::is_null) {
    is_negative = operand != value{true};
  }
  if (op == comparison::is_null
      || (dcrf::is_null(operand) && (op == comparison::eq || op == comparison::ne))) {
    return fmt::format("{} IS {}NULL", at.column, is_negative ? "NOT " : "");
  }

  auto x = fitted(*at.field, operand);
  std::optional<value> below;
  if (!x && std::holds_alternative<decimal>(operand) && at.field->type == field_type::decimal) {
    below = rounded_down(*at.field, std::get<decimal>(operand));
  } else if (x && !language_.can_hold(*x)) {
    below = held_below(*x);
  }
  if (below) {
    auto as = from_below(op);
    op = as.value_or(op);
    x = as ? std::move(below) : std::nullopt;
  }
  if (!x || dcrf::is_null(*x)) {
    return std::string{is_negative ? always : never};
  }

  switch (op) {
  case comparison::contains:
    return language_.contains(at.column, parameter(std::move(*x)));
  case comparison::icontains:
    return language_.contains(language_.folded(at.column),
                              language_.folded(parameter(std::move(*x))));
  case comparison::startswith:
    return language_.startswith(at.column, parameter(std::move(*x)));
  case comparison::endswith:
    return language_.endswith(at.column, parameter(std::move(*x)));
  case comparison::iexact:
  case comparison::istartswith:
  case comparison::iendswith: {
    auto text = language_.folded(at.column);
    auto part = language_.folded(parameter(std::move(*x)));
    return op == comparison::iexact        ? fmt::format("{} = {}", text, part)
           : op == comparison::istartswith ? language_.startswith(text, part)
                                           : language_.endswith(text, part);
  }
  case comparison::ne: {
    auto placeholder = parameter(std::move(*x));
    return at.is_nullable ? fmt::format("({0} <> {1} OR {0} IS NULL)", at.column, placeholder)
                          : fmt::format("{} <> {}", at.column, placeholder);
  }
  default:
    return fmt::format("{} {} {}", at.column, sql_of(op), parameter(std::move(*x)));
  }
}

std::string select_builder::one_of(const endpoint& at, const std::vector<value>& operands) {
  std::vector<value> listed;
  std::string others;
  for (const auto& operand : operands) {
    auto x = fitted(*at.field, operand);
    if (!x || dcrf::is_null(*x) || !language_.can_hold(*x)) {
      continue;
    }
    if (language_.fits_array(*x)) {
      listed.push_back(std::move(*x));
      continue;
    }
    if (parameters_.size() >= max_parameters) {
      throw store_failure(store_errc::failed,
                          "a list of reals, or of texts with NULs in them, is too long");
    }
    others += others.empty() ? "" : ", ";
    others += parameter(std::move(*x));
  }

  // Databases number parameters as they come in the text, so those that were made first are first.
  std::string result;
  if (!others.empty()) {
    result = fmt::format("{} IN ({})", at.column, others);
  }
  if (!listed.empty()) {
    auto found = language_.in_array(at.column, parameter(language_.array_of(listed)));
    result = result.empty() ? found : fmt::format("({} OR {})", result, found);
  }
  return result.empty() ? std::string{never} : result;
}

std::string select_builder::related(const condition& x) {
  const auto& near = x.reverse ? x.relation->target() : x.relation->source();
  const auto& far = x.reverse ? x.relation->source() : x.relation->target();
  if (near != model_) {
    throw store_failure(store_errc::failed, "a query asks for a relation of another model");
  }
  auto source = quoted_name(x.relation->source_column());
  auto target = quoted_name(x.relation->target_column());
  endpoint at{"link." + (x.reverse ? source : target), &far.key_field(), false};
  auto keys = one_of(at, x.operands);
  return fmt::format("EXISTS (SELECT 1 FROM {} AS link WHERE link.{} = {}.{} AND {})",
                     quoted_name(x.relation->table()), x.reverse ? target : source, alias(0),
                     quoted_name(near.key_field().column), keys);
}

// -- rows that belong to the row ------------------------------------------------------------------

std::string select_builder::any_of_rows(const condition& x) {
  if (x.children.size() != 1 || (x.relation == nullptr && x.referrer == nullptr)) {
    throw store_failure(store_errc::failed, "a condition on rows names rows and one condition");
  }
  const auto* near = &model_;
  for (auto field : x.path) {
    if (field >= near->fields.size() || !near->fields[field].is_foreign_key()) {
      throw store_failure(store_errc::failed, "a path to rows follows foreign keys");
    }
    near = &near->fields[field].target();
  }
  auto to_key = x.path;
  to_key.push_back(near->primary_key);
  auto near_key = follow(to_key).column;
  return x.relation != nullptr ? any_of_related(x, *near, near_key)
                               : any_of_referrers(x, *near, near_key);
}

std::string select_builder::any_of_related(const condition& x, const model_descriptor& near,
                                           std::string_view near_key) {
  const auto& far = x.reverse ? x.relation->source() : x.relation->target();
  if (near != (x.reverse ? x.relation->target() : x.relation->source())) {
    throw store_failure(store_errc::failed, "a query asks for a relation of another model");
  }
  auto inner = within(far);
  auto where = inner.where(x.children.front());
  auto link = fmt::format("link{}", inner.depth_);
  auto source = quoted_name(x.relation->source_column());
  auto target = quoted_name(x.relation->target_column());
  auto sql = fmt::format(
      "EXISTS (SELECT 1 {} JOIN {} AS {} ON {}.{} = {}.{} WHERE {}.{} = {} AND {})", inner.from(),
      quoted_name(x.relation->table()), link, link, x.reverse ? source : target, inner.alias(0),
      quoted_name(far.key_field().column), link, x.reverse ? target : source, near_key, where);
  return take_parameters(inner, std::move(sql));
}

std::string select_builder::any_of_referrers(const condition& x, const model_descriptor& near,
                                             std::string_view near_key) {
  const auto& far = *x.referrer;
  bool refers = x.referring_field < far.fields.size()
                && far.fields[x.referring_field].is_foreign_key()
                && far.fields[x.referring_field].target() == near;
  if (!refers) {
    throw store_failure(store_errc::failed, "a query asks for rows that refer to another model");
  }
  auto inner = within(far);
  auto where = inner.where(x.children.front());
  auto sql =
      fmt::format("EXISTS (SELECT 1 {} WHERE {}.{} = {} AND {})", inner.from(), inner.alias(0),
                  quoted_name(far.fields[x.referring_field].column), near_key, where);
  return take_parameters(inner, std::move(sql));
}

select_builder select_builder::within(const model_descriptor& model) const {
  return {language_, model, parameters_before_ + parameters_.size(), depth_ + 1};
}

std::string select_builder::take_parameters(select_builder& inner, std::string sql) {
  std::ranges::move(inner.parameters_, std::back_inserter(parameters_));
  return sql;
}

} // namespace dcrf::internal
