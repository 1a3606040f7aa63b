#include "dcrf/store/internal/computed.hpp"

#include "dcrf/model/internal/bounds.hpp"
#include "dcrf/store/internal/dialect.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace dcrf::internal {

namespace {

[[noreturn]] void refuse(const model_descriptor& model, std::size_t field) {
  throw store_failure(
      store_errc::failed,
      fmt::format("a field of {} is computed from what does not go with it: {}", model.table,
                  field < model.fields.size() ? model.fields[field].column : "one it has not"));
}

const field_descriptor& number_field(const model_descriptor& model, std::size_t field) {
  if (field >= model.fields.size()) {
    refuse(model, field);
  }
  const auto& result = model.fields[field];
  bool is_number = result.type == field_type::integer || result.type == field_type::real
                   || result.type == field_type::decimal;
  if (!is_number) {
    refuse(model, field);
  }
  return result;
}

const field_descriptor& target_field(const model_descriptor& model, std::size_t field) {
  const auto& result = number_field(model, field);
  if (result.is_version || result.is_foreign_key() || result.is_primary_key) {
    refuse(model, field);
  }
  return result;
}

// The sides of a sum, a difference or a product.
std::pair<const expression*, const expression*> sides_of(const model_descriptor& model,
                                                         std::size_t field, const expression& x) {
  if (x.sides.size() != 2) {
    refuse(model, field);
  }
  return {&x.sides.front(), &x.sides.back()};
}

enum class beyond : std::uint8_t { none, above, below };

// Integers, and decimals by their digits, are computed as std::int64_t: both sides have the places
// of the field.
class computation {
public:
  computation(const model_descriptor& model, std::size_t field, const record& row)
      : model_(model), field_(field), target_(target_field(model, field)), row_(row) {}

  value of(const expression& x) {
    switch (x.kind) {
    case expression::node::constant:
      return taken(x.constant);
    case expression::node::column:
      number_field(model_, x.field);
      return taken(row_[x.field]);
    default:
      break;
    }
    auto [left, right] = sides_of(model_, field_, x);
    auto lhs = of(*left);
    auto rhs = of(*right);
    return is_null(lhs) || is_null(rhs) ? value{} : combined(x.kind, lhs, rhs);
  }

  // Where a step left what the type can hold; there is no result then.
  [[nodiscard]] beyond where() const noexcept { return where_; }

private:
  value taken(value x) {
    if (fit(target_, x)) {
      return x;
    }
    const auto* number = std::get_if<std::int64_t>(&x);
    if (number == nullptr) {
      refuse(model_, field_);
    }
    return left(*number > 0);
  }

  value left(bool is_above) {
    where_ = is_above ? beyond::above : beyond::below;
    return {};
  }

  value combined(expression::node kind, const value& lhs, const value& rhs) {
    if (const auto* real = std::get_if<double>(&lhs)) {
      auto result = combined(kind, *real, std::get<double>(rhs));
      return std::isfinite(result) ? value{result} : left(result > 0);
    }
    if (const auto* number = std::get_if<decimal>(&lhs)) {
      if (kind == expression::node::product) {
        refuse(model_, field_);
      }
      auto result = combined(kind, number->unscaled, std::get<decimal>(rhs).unscaled);
      return result ? value{decimal{*result, number->places}} : value{};
    }
    auto result = combined(kind, std::get<std::int64_t>(lhs), std::get<std::int64_t>(rhs));
    return result ? value{*result} : value{};
  }

  static double combined(expression::node kind, double lhs, double rhs) {
    return kind == expression::node::sum          ? lhs + rhs
           : kind == expression::node::difference ? lhs - rhs
                                                  : lhs * rhs;
  }

  std::optional<std::int64_t> combined(expression::node kind, std::int64_t lhs, std::int64_t rhs) {
    std::int64_t result = 0;
    bool is_positive = lhs > 0;
    bool is_beyond = false;
    if (kind == expression::node::sum) {
      is_beyond = __builtin_add_overflow(lhs, rhs, &result);
    } else if (kind == expression::node::difference) {
      is_beyond = __builtin_sub_overflow(lhs, rhs, &result);
    } else {
      is_beyond = __builtin_mul_overflow(lhs, rhs, &result);
      is_positive = (lhs > 0) == (rhs > 0);
    }
    if (is_beyond) {
      static_cast<void>(left(is_positive));
      return std::nullopt;
    }
    return result;
  }

  const model_descriptor& model_;
  std::size_t field_;
  const field_descriptor& target_;
  const record& row_;
  beyond where_ = beyond::none;
};

void add_beyond(const field_descriptor& field, bool is_above, row_errors& errors) {
  using limits = std::numeric_limits<std::int64_t>;
  if (field.type == field_type::decimal) {
    errors.add(field.name, too_many_digits_message(field.digits));
  } else if (field.type == field_type::real) {
    errors.add(field.name, no_number_message);
  } else if (is_above) {
    errors.add(field.name, too_large_message(field.maximum.value_or(limits::max())));
  } else {
    errors.add(field.name, too_small_message(field.minimum.value_or(limits::min())));
  }
}

// The largest decimal of a field.
decimal largest(const field_descriptor& field) {
  std::int64_t result = 1;
  for (int i = 0; i < field.digits; ++i) {
    result *= 10;
  }
  return {result - 1, field.places};
}

// -1 if a number is less than a bound, 1 if it is more.
int compared(const value& x, std::int64_t bound) {
  if (const auto* real = std::get_if<double>(&x)) {
    auto other = static_cast<double>(bound);
    return *real < other ? -1 : static_cast<int>(*real > other);
  }
  if (const auto* number = std::get_if<decimal>(&x)) {
    decimal other{bound, 0};
    return *number < other ? -1 : static_cast<int>(*number > other);
  }
  const auto* number = std::get_if<std::int64_t>(&x);
  return number == nullptr ? 0 : *number < bound ? -1 : static_cast<int>(*number > bound);
}

} // namespace

void check_bounds(const field_descriptor& field, const value& x, row_errors& errors) {
  if (field.maximum && compared(x, *field.maximum) > 0) {
    errors.add(field.name, too_large_message(*field.maximum));
  }
  if (field.minimum && compared(x, *field.minimum) < 0) {
    errors.add(field.name, too_small_message(*field.minimum));
  }
  if (const auto* real = std::get_if<double>(&x); real != nullptr && !std::isfinite(*real)) {
    errors.add(field.name, no_number_message);
  }
  if (const auto* number = std::get_if<decimal>(&x)) {
    auto most = largest(field);
    if (*number > most || *number < decimal{-most.unscaled, most.places}) {
      errors.add(field.name, too_many_digits_message(field.digits));
    }
  }
}

value compute(const model_descriptor& model, std::size_t field, const expression& x,
              const record& row, row_errors& errors) {
  computation running{model, field, row};
  auto result = running.of(x);
  if (running.where() != beyond::none) {
    add_beyond(model.fields[field], running.where() == beyond::above, errors);
    // Nobody reads it: there is an error.
    return row[field];
  }
  check_bounds(model.fields[field], result, errors);
  return result;
}

std::string sql_of(const model_descriptor& model, std::size_t field, const expression& x,
                   std::vector<value>& parameters) {
  const auto& target = target_field(model, field);
  switch (x.kind) {
  case expression::node::constant: {
    auto constant = fitted(target, x.constant);
    if (!constant) {
      refuse(model, field);
    }
    parameters.push_back(std::move(*constant));
    return fmt::format(":p{}", parameters.size());
  }
  case expression::node::column:
    // Decimals are kept without their point, where the database has none.
    if (const auto& column = number_field(model, x.field);
        column.type == target.type && column.places == target.places) {
      return quoted_name(column.column);
    }
    refuse(model, field);
  default:
    break;
  }
  if (x.kind == expression::node::product && target.type == field_type::decimal) {
    refuse(model, field);
  }
  auto [left, right] = sides_of(model, field, x);
  auto lhs = sql_of(model, field, *left, parameters);
  auto rhs = sql_of(model, field, *right, parameters);
  const auto* sign = x.kind == expression::node::sum          ? "+"
                     : x.kind == expression::node::difference ? "-"
                                                              : "*";
  return fmt::format("({} {} {})", lhs, sign, rhs);
}

} // namespace dcrf::internal
