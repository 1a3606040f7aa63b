#pragma once

#include "dcrf/model/model.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

// -- queries as data ------------------------------------------------------------------------------

/// How a column is compared, in Django's terms. The `i` is for "case-insensitive"; SQLite only
/// folds the letters A to Z, as with Django. Texts are compared byte by byte, and no character is a
/// wildcard.
///
/// A null compares to nothing: only `ne`, and the negation of any other comparison, hold for it,
/// and `eq` and `ne` to a null mean `is_null`. An operand of another type than the column equals
/// nothing.
enum class comparison : std::uint8_t {
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  in,
  contains,
  icontains,
  startswith,
  is_null,
};

/// A column, seen from a model: the foreign keys to follow, then the field, as indexes into the
/// fields of the models on the way.
using column_path = std::vector<std::size_t>;

/// A condition on the rows of a model. The default one holds for all rows.
struct condition {
  enum class node : std::uint8_t {
    /// All children hold; with no children, always.
    all_of,
    /// At least one child holds; with no children, never.
    any_of,
    /// The only child does not hold.
    negation,
    /// The column at `path` compares as `op` to `operands`: one of them, several for `in`, a bool
    /// for
    /// `is_null`.
    compare,
    /// One of the rows whose keys are `operands` is related by `relation`.
    related,
  };

  node kind = node::all_of;
  std::vector<condition> children{};
  column_path path{};
  comparison op = comparison::eq;
  std::vector<value> operands{};
  const relation_descriptor* relation = nullptr;
  /// Whether the model is the relation's target.
  bool reverse = false;

  [[nodiscard]] bool is_always() const noexcept { return kind == node::all_of && children.empty(); }

  friend bool operator==(const condition&, const condition&) = default;
};

condition operator&&(condition lhs, condition rhs);
condition operator||(condition lhs, condition rhs);
condition operator!(condition x);

struct ordering {
  column_path path;
  bool is_descending = false;
};

/// Which rows of a model, in which order. Rows that compare equal, or without any ordering, come in
/// the order of their primary keys.
struct selection {
  const model_descriptor* model = nullptr;
  condition where{};
  std::vector<ordering> order_by{};
  std::optional<std::int64_t> limit{};
  std::int64_t offset = 0;
};

// -- queries as they are written ------------------------------------------------------------------

/// A condition on the rows of model `T`.
template <class T>
struct condition_on {
  condition value;

  friend condition_on operator&&(condition_on lhs, condition_on rhs) {
    return {std::move(lhs.value) && std::move(rhs.value)};
  }
  friend condition_on operator||(condition_on lhs, condition_on rhs) {
    return {std::move(lhs.value) || std::move(rhs.value)};
  }
  friend condition_on operator!(condition_on x) { return {!std::move(x.value)}; }
};

namespace detail {

template <auto Member>
std::size_t field_index() {
  return *model_of<class_of<Member>>().find_field(name_of<Member>());
}

template <auto First, auto... Rest>
struct path_ends {
  using first_class = class_of<First>;
  static constexpr auto last = [] {
    if constexpr (sizeof...(Rest) == 0) {
      return First;
    } else {
      return path_ends<Rest...>::last;
    }
  }();
};

} // namespace detail

/// A column of a model, to compare: `column<&message::text>.contains("hello")`. Further members
/// follow foreign keys: `column<&message::room, &room::name> == "lobby"`.
template <auto... Members>
struct column_of {
  using model_type = typename detail::path_ends<Members...>::first_class;
  using value_type = without_optional<type_of<detail::path_ends<Members...>::last>>;
  using result = condition_on<model_type>;

  static column_path path() { return {detail::field_index<Members>()...}; }

  static result compare(comparison op, std::vector<value> operands) {
    condition result;
    result.kind = condition::node::compare;
    result.path = path();
    result.op = op;
    result.operands = std::move(operands);
    return {std::move(result)};
  }

  friend result operator==(column_of, const value_type& x) { return one(comparison::eq, x); }
  friend result operator!=(column_of, const value_type& x) { return one(comparison::ne, x); }
  friend result operator<(column_of, const value_type& x) { return one(comparison::lt, x); }
  friend result operator<=(column_of, const value_type& x) { return one(comparison::le, x); }
  friend result operator>(column_of, const value_type& x) { return one(comparison::gt, x); }
  friend result operator>=(column_of, const value_type& x) { return one(comparison::ge, x); }

  [[nodiscard]] result in(const std::vector<value_type>& xs) const {
    std::vector<value> operands;
    operands.reserve(xs.size());
    for (const auto& x : xs) {
      operands.push_back(value_traits<value_type>::to_value(x));
    }
    return compare(comparison::in, std::move(operands));
  }

  [[nodiscard]] result is_null(bool x = true) const { return compare(comparison::is_null, {x}); }

  [[nodiscard]] result
  contains(std::string x) const requires std::same_as<value_type, std::string> {
    return compare(comparison::contains, {std::move(x)});
  }
  [[nodiscard]] result
  icontains(std::string x) const requires std::same_as<value_type, std::string> {
    return compare(comparison::icontains, {std::move(x)});
  }
  [[nodiscard]] result
  startswith(std::string x) const requires std::same_as<value_type, std::string> {
    return compare(comparison::startswith, {std::move(x)});
  }

private:
  static result one(comparison op, const value_type& x) {
    return compare(op, {value_traits<value_type>::to_value(x)});
  }
};

template <auto... Members>
inline constexpr column_of<Members...> column{};

/// Holds for the rows that the many-to-many relation `Member` relates to the row with key `x`.
template <auto Member>
condition_on<class_of<Member>> related_to(const key& x) {
  condition result;
  result.kind = condition::node::related;
  result.relation = model_of<class_of<Member>>().find_relation(name_of<Member>());
  result.operands = {x.get()};
  return {std::move(result)};
}

/// Holds for the rows of the far side of `Member` that are related to its row with key `x`.
template <auto Member>
condition_on<typename type_of<Member>::target_type> related_from(const key& x) {
  condition result;
  result.kind = condition::node::related;
  result.relation = model_of<class_of<Member>>().find_relation(name_of<Member>());
  result.reverse = true;
  result.operands = {x.get()};
  return {std::move(result)};
}

/// Which rows of model `T`, in which order, as a queryset of Django.
template <model_type T>
class query {
public:
  query() { selection_.model = &model_of<T>(); }

  [[nodiscard]] query filter(condition_on<T> x) && {
    selection_.where = std::move(selection_.where) && std::move(x.value);
    return std::move(*this);
  }
  [[nodiscard]] query filter(condition_on<T> x) const& { return query{*this}.filter(std::move(x)); }

  [[nodiscard]] query exclude(condition_on<T> x) && {
    return std::move(*this).filter(!std::move(x));
  }
  [[nodiscard]] query exclude(condition_on<T> x) const& {
    return query{*this}.filter(!std::move(x));
  }

  /// Orders by the column, after the orderings given before.
  template <auto... Members>
  [[nodiscard]] query order_by() && {
    selection_.order_by.push_back({column_of<Members...>::path(), false});
    return std::move(*this);
  }
  template <auto... Members>
  [[nodiscard]] query order_by() const& {
    return query{*this}.template order_by<Members...>();
  }

  template <auto... Members>
  [[nodiscard]] query order_by_descending() && {
    selection_.order_by.push_back({column_of<Members...>::path(), true});
    return std::move(*this);
  }
  template <auto... Members>
  [[nodiscard]] query order_by_descending() const& {
    return query{*this}.template order_by_descending<Members...>();
  }

  /// At most `limit` rows, after the first `offset` ones. Negative numbers count as 0.
  [[nodiscard]] query slice(std::int64_t offset, std::int64_t limit) && {
    selection_.offset = offset < 0 ? 0 : offset;
    selection_.limit = limit < 0 ? 0 : limit;
    return std::move(*this);
  }
  [[nodiscard]] query slice(std::int64_t offset, std::int64_t limit) const& {
    return query{*this}.slice(offset, limit);
  }

  [[nodiscard]] const dcrf::selection& get() const& noexcept { return selection_; }
  [[nodiscard]] dcrf::selection get() && noexcept { return std::move(selection_); }

private:
  dcrf::selection selection_;
};

} // namespace dcrf
