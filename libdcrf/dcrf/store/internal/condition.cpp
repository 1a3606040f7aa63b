#include "dcrf/json/json_writer.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
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

// Whether the value arrives in SQL unchanged as an element of a JSON array: SQLite's ends texts at
// a NUL and may read a real as its neighbour.
bool fits_json(const value& x) {
  if (const auto* text = std::get_if<std::string>(&x)) {
    return text->find('\0') == std::string::npos;
  }
  return !std::holds_alternative<double>(x);
}

void append_element(json_writer& array, const field_descriptor& field, const value& x) {
  if (const auto* text = std::get_if<std::string>(&x)) {
    array.text(*text);
  } else if (const auto* document = std::get_if<json_text>(&x)) {
    array.text(document->str());
  } else if (const auto* time = std::get_if<timestamp>(&x)) {
    array.integer(time->microseconds());
  } else if (const auto* number = std::get_if<decimal>(&x)) {
    array.integer(number->unscaled);
  } else if (const auto* truth = std::get_if<bool>(&x)) {
    array.integer(std::int64_t{*truth});
  } else if (field.type == field_type::integer) {
    array.integer(std::get<std::int64_t>(x));
  } else {
    array.text(to_string(x));
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
  if (!x && std::holds_alternative<decimal>(operand) && at.field->type == field_type::decimal) {
    // Between two numbers of the field: nothing equals it, and what is less than it is what is not
    // more than the lower one of the two.
    x = rounded_down(*at.field, std::get<decimal>(operand));
    switch (op) {
    case comparison::lt:
      op = comparison::le;
      break;
    case comparison::ge:
      op = comparison::gt;
      break;
    case comparison::le:
    case comparison::gt:
      break;
    default:
      x.reset();
      break;
    }
  }
  if (!x || dcrf::is_null(*x)) {
    return std::string{is_negative ? always : never};
  }

  switch (op) {
  case comparison::contains:
    return language_.contains(at.column, parameter(std::move(*x)));
  case comparison::icontains:
    return language_.icontains(at.column, parameter(std::move(*x)));
  case comparison::startswith:
    return language_.startswith(at.column, parameter(std::move(*x)));
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
  std::string array;
  json_writer writer{array};
  writer.begin_array();
  auto is_empty = true;
  std::string others;
  for (const auto& operand : operands) {
    auto x = fitted(*at.field, operand);
    if (!x || dcrf::is_null(*x)) {
      continue;
    }
    if (fits_json(*x)) {
      append_element(writer, *at.field, *x);
      is_empty = false;
      continue;
    }
    if (parameters_.size() >= max_parameters) {
      throw store_failure(store_errc::failed,
                          "a list of reals, or of texts with NULs in them, is too long");
    }
    others += others.empty() ? "" : ", ";
    others += parameter(std::move(*x));
  }
  writer.end_array();

  // Databases number parameters as they come in the text, so those that were made first are first.
  std::string result;
  if (!others.empty()) {
    result = fmt::format("{} IN ({})", at.column, others);
  }
  if (!is_empty) {
    auto listed = language_.in_array(at.column, parameter(std::move(array)));
    result = result.empty() ? listed : fmt::format("({} OR {})", result, listed);
  }
  return result.empty() ? std::string{never} : result;
}

std::string select_builder::related(const condition& x) {
  const auto& near = x.reverse ? x.relation->target() : x.relation->source();
  const auto& far = x.reverse ? x.relation->source() : x.relation->target();
  if (near != model_) {
    throw store_failure(store_errc::failed, "a query asks for a relation of another model");
  }
  endpoint at{x.reverse ? "link.\"source\"" : "link.\"target\"", &far.key_field(), false};
  auto keys = one_of(at, x.operands);
  return fmt::format("EXISTS (SELECT 1 FROM {} AS link WHERE link.{} = {}.{} AND {})",
                     quoted(x.relation->table()), x.reverse ? "\"target\"" : "\"source\"", root,
                     quoted(near.key_field().column), keys);
}

} // namespace dcrf::internal
