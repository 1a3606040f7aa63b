#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/model/text_literal.hpp"
#include "dcrf/store/expression.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

// -- queries as data ------------------------------------------------------------------------------

/// How a column is compared, in Django's terms. The `i` is for "case-insensitive", by Unicode's
/// rules. Texts are compared byte by byte otherwise, and no character is a wildcard.
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
  iexact,
  contains,
  icontains,
  startswith,
  istartswith,
  endswith,
  iendswith,
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
    /// At least one row that belongs to the row meets the only child: one that `relation` relates,
    /// or, without a relation, one of `referrer` whose foreign key `referring_field` refers to it.
    /// The row is the one at the end of the foreign keys `path`.
    any_of_rows,
  };

  node kind = node::all_of;
  std::vector<condition> children{};
  column_path path{};
  comparison op = comparison::eq;
  std::vector<value> operands{};
  const relation_descriptor* relation = nullptr;
  /// Whether the model is the relation's target.
  bool reverse = false;
  const model_descriptor* referrer = nullptr;
  std::size_t referring_field = 0;

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

/// What many rows come to in one value: those that are null in a column are left out.
struct aggregate {
  enum class function : std::uint8_t { count, sum, avg, min, max };

  function what = function::count;
  /// The column; without one, rows are counted.
  column_path path{};
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

  // What is no condition on the same rows.
  template <class X>
    requires(!std::same_as<X, condition_on>)
  friend condition_on operator&&(condition_on lhs, const X&) {
    static_assert(std::same_as<X, condition_on>,
                  "dcrf: conditions are composed with conditions on rows of the same model: what "
                  "foreign keys lead to is dcrf::column<&model::foreign_key, &other::member>");
    return lhs;
  }
  template <class X>
    requires(!std::same_as<X, condition_on>)
  friend condition_on operator||(condition_on lhs, const X&) {
    static_assert(std::same_as<X, condition_on>,
                  "dcrf: conditions are composed with conditions on rows of the same model: what "
                  "foreign keys lead to is dcrf::column<&model::foreign_key, &other::member>");
    return lhs;
  }
};

template <text_literal Name, auto Holds>
condition check<Name, Holds>::holds() {
  return Holds().value;
}

namespace detail {

template <auto Member>
std::size_t field_index() {
  return *model_of<class_of<Member>>().find_field(name_of<Member>());
}

} // namespace detail

// -- steps to many rows ---------------------------------------------------------------------------

/// In a column, the step to the rows that refer to the row by their foreign key `Member`:
/// `column<referring<&task::project>, &task::title>` is of a project. `Name` is what filters call
/// it; by default the name of the struct, as in Django.
template <auto Member, text_literal Name = "">
struct referring_rows {};
template <auto Member, text_literal Name = "">
inline constexpr referring_rows<Member, Name> referring{};

/// In a column, the step to the rows whose many-to-many member `Member` has the row at its far
/// side: `column<relating<&club::members>, &club::name>` is of a member. Filters call it by the
/// relation's related_name, or by the name of the struct.
template <auto Member>
struct relating_rows {};
template <auto Member>
inline constexpr relating_rows<Member> relating{};

namespace detail {

/// A part of a column: the struct that it is of, the one that it leads to, and how.
template <auto Part, class Type = std::remove_const_t<decltype(Part)>>
struct column_part {
  static_assert(std::is_member_object_pointer_v<Type>,
                "dcrf: a column is made of members, dcrf::referring<> and dcrf::relating<>");
  using near = class_of<Part>;
  using type = type_of<Part>;
  static constexpr bool is_to_many = is_relation<type>;
  static constexpr bool leads_on = is_to_many || is_foreign_key_member<Part>;

  static std::string_view name() { return name_of<Part>(); }
  static condition rows() {
    condition result;
    result.relation = model_of<near>().find_relation(name_of<Part>());
    return result;
  }
};

template <auto Part, auto Member, text_literal Name>
struct column_part<Part, referring_rows<Member, Name>> {
  static_assert(is_foreign_key_member<Member>,
                "dcrf: referring<&other::member> wants a foreign key");
  using near = typename target_of<Member>::type;
  using far = class_of<Member>;
  static constexpr bool is_to_many = true;
  static constexpr bool leads_on = true;

  static std::string_view name() { return Name.view().empty() ? type_name<far>() : Name.view(); }
  static condition rows() {
    condition result;
    result.referrer = &model_of<far>();
    result.referring_field = field_index<Member>();
    return result;
  }
};

template <auto Part, auto Member>
struct column_part<Part, relating_rows<Member>> {
  static_assert(is_relation_member<Member>,
                "dcrf: relating<&other::member> wants a many_to_many member");
  using near = typename target_of<Member>::type;
  using far = class_of<Member>;
  static constexpr bool is_to_many = true;
  static constexpr bool leads_on = true;

  static const relation_descriptor& relation() {
    return *model_of<far>().find_relation(name_of<Member>());
  }
  static std::string_view name() {
    return relation().related_name.empty() ? type_name<far>() : relation().related_name;
  }
  static condition rows() {
    condition result;
    result.relation = &relation();
    result.reverse = true;
    return result;
  }
};

/// The struct whose rows a part leads to.
template <auto Part>
struct far_of {
  using type = typename column_part<Part>::far;
};
template <auto Part>
  requires std::is_member_object_pointer_v<std::remove_const_t<decltype(Part)>>
struct far_of<Part> {
  using type = typename target_of<Part>::type;
};

/// Whether each part leads to the struct of the next one.
template <auto First, auto... Rest>
constexpr bool is_column = true;
template <auto First, auto Second, auto... Rest>
constexpr bool is_column<First, Second, Rest...> = [] {
  if constexpr (column_part<First>::leads_on) {
    return std::same_as<typename far_of<First>::type, typename column_part<Second>::near>
           && is_column<Second, Rest...>;
  } else {
    return false;
  }
}();

template <auto First, auto...>
inline constexpr auto first_part = First;

template <auto First, auto... Rest>
struct last_part : last_part<Rest...> {};
template <auto Last>
struct last_part<Last> {
  static constexpr auto part = Last;
};

/// The type that a column is compared to: that of the last member, or of the keys of the last rows.
template <auto Last>
struct compared_type {
  using type = without_optional<typename column_part<Last>::type>;
};
template <auto Last>
  requires column_part<Last>::is_to_many
struct compared_type<Last> {
  using type = key_of<typename far_of<Last>::type>;
};

/// The condition that `make` makes of the last column's path, on the rows that the parts before
/// lead to.
template <auto First, auto... Rest, class Make>
condition along(column_path path, const Make& make) {
  if constexpr (column_part<First>::is_to_many) {
    auto result = column_part<First>::rows();
    result.kind = condition::node::any_of_rows;
    result.path = std::move(path);
    if constexpr (sizeof...(Rest) == 0) {
      using far = typename far_of<First>::type;
      result.children.push_back(make(column_path{model_of<far>().primary_key}));
    } else {
      result.children.push_back(along<Rest...>({}, make));
    }
    return result;
  } else {
    path.push_back(field_index<First>());
    if constexpr (sizeof...(Rest) == 0) {
      return make(std::move(path));
    } else {
      return along<Rest...>(std::move(path), make);
    }
  }
}

condition comparison_of(column_path path, comparison op, std::vector<value> operands);

/// Whether the last step is one to rows that belong to a row.
template <auto... Steps>
concept leads_to_rows = column_part<last_part<Steps...>::part>::is_to_many;

template <class T, auto... Steps>
constexpr bool is_condition_on_rows = false;
template <class T, auto... Steps>
  requires leads_to_rows<Steps...>
constexpr bool is_condition_on_rows<T, Steps...> =
    std::same_as<typename far_of<last_part<Steps...>::part>::type, T>;

/// What a column of this type can't be compared to.
template <class X, class Value>
concept no_value_of = !std::convertible_to<const X&, Value>;

template <class Result, class X>
Result refused_value() {
  static_assert(sizeof(X) == 0,
                "dcrf: a column is compared to a value of its member's type: not to "
                "another column, nor to a std::optional, which may have none (that is "
                "asked by `is_null()`)");
  return {};
}

expression constant_of(value x);
expression column_expression(std::size_t field);
expression combined(expression::node kind, expression lhs, expression rhs);

/// What is computed with columns of a type: all integers are one. void for what is no number.
template <class T>
struct number_type {
  using type = void;
};
template <>
struct number_type<std::int32_t> {
  using type = std::int64_t;
};
template <class T>
  requires(std::same_as<T, std::int64_t> || std::same_as<T, double> || std::same_as<T, decimal>)
struct number_type<T> {
  using type = T;
};

/// Whether a constant of type `X` may stand where `Number`s are computed.
template <class X, class Number>
concept constant_for = !std::same_as<X, bool>
                       && (std::same_as<X, Number> || std::integral<X>
                           || (std::same_as<Number, double> && std::floating_point<X>));

} // namespace detail

template <auto... Members>
struct column_of;

// -- numbers that are computed --------------------------------------------------------------------

/// A number computed from the columns of a row of `T` by `+`, `-` and `*`, as Django's `F`:
/// `column<&account::balance> - column<&account::held>`. Decimals are added and subtracted only.
/// @tparam Number std::int64_t, double or decimal
template <class T, class Number>
struct number_on {
  using type = Number;

  expression value;

  explicit number_on(expression x) : value(std::move(x)) {}
  template <class X>
    requires detail::constant_for<X, Number>
  number_on(const X& x) { // NOLINT(google-explicit-constructor)
    if constexpr (std::floating_point<X>) {
      value = detail::constant_of(static_cast<double>(x));
    } else if constexpr (std::integral<X>) {
      value = detail::constant_of(static_cast<std::int64_t>(x));
    } else {
      value = detail::constant_of(x);
    }
  }
  template <auto Member>
    requires std::same_as<typename column_of<Member>::number, number_on>
  number_on(column_of<Member>) // NOLINT(google-explicit-constructor)
      : value(detail::column_expression(detail::field_index<Member>())) {}

  friend number_on operator+(number_on lhs, number_on rhs) {
    return combined(expression::node::sum, std::move(lhs), std::move(rhs));
  }
  friend number_on operator-(number_on lhs, number_on rhs) {
    return combined(expression::node::difference, std::move(lhs), std::move(rhs));
  }
  friend number_on operator*(number_on lhs, number_on rhs) {
    static_assert(!std::same_as<Number, decimal>,
                  "dcrf: the product of decimals has more places than its column");
    return combined(expression::node::product, std::move(lhs), std::move(rhs));
  }

private:
  static number_on combined(expression::node kind, number_on lhs, number_on rhs) {
    return number_on{detail::combined(kind, std::move(lhs.value), std::move(rhs.value))};
  }
};

namespace detail {

/// What a column is computed as; void unless it is a number of the row itself.
template <class T, class Number, bool IsOwn>
struct column_number {
  using type = void;
};
template <class T, class Number>
  requires(!std::is_void_v<Number>)
struct column_number<T, Number, true> {
  using type = number_on<T, Number>;
};

/// Whether a constant of type `X` may be computed with a column.
template <class X, class Column>
concept constant_of_column = constant_for<X, typename Column::number::type>;

} // namespace detail

/// A column of a model, to compare: `column<&message::text>.contains("hello")`. Further members
/// follow foreign keys: `column<&message::room, &room::name> == "lobby"`.
///
/// Where a member on the way is many-to-many, or a step is `referring` or `relating`, the condition
/// holds for rows that have at least one such row: `column<&task::labels, &label::name> ==
/// "urgent"`. `!=` and `is_null()` are the negations of `==` and `is_null(false)` there: no such
/// row is equal, or has a value. Without a further member, the keys of these rows are compared.
template <auto... Members>
struct column_of {
  static_assert(detail::is_column<Members...>,
                "dcrf: column<members...> follows foreign keys and relations, each to the struct "
                "that the next member belongs to");

  using model_type = typename detail::column_part<detail::first_part<Members...>>::near;
  using value_type = typename detail::compared_type<detail::last_part<Members...>::part>::type;
  using result = condition_on<model_type>;

  /// Whether a row may have several values of the column.
  static constexpr bool is_to_many = (detail::column_part<Members>::is_to_many || ...);
  static constexpr bool is_text = std::same_as<value_type, std::string>;

  using number =
      typename detail::column_number<model_type, typename detail::number_type<value_type>::type,
                                     sizeof...(Members) == 1 && !is_to_many>::type;

  static column_path path() {
    static_assert(!is_to_many, "dcrf: a row may have several values of this column, so that it "
                               "can't be ordered by it");
    if constexpr (is_to_many) {
      return {};
    } else {
      return {detail::field_index<Members>()...};
    }
  }

  static result compare(comparison op, std::vector<value> operands) {
    if constexpr (is_to_many) {
      if (op == comparison::ne) {
        return !compare(comparison::eq, std::move(operands));
      }
      if (op == comparison::is_null && operands.front() == value{true}) {
        return !compare(comparison::is_null, {false});
      }
    }
    return {detail::along<Members...>({}, [&](column_path path) {
      return detail::comparison_of(std::move(path), op, operands);
    })};
  }

  /// The values from `least` to `most`, both included.
  static result compare_range(const value& least, const value& most) {
    return {detail::along<Members...>({}, [&](const column_path& path) {
      return detail::comparison_of(path, comparison::ge, {least})
             && detail::comparison_of(path, comparison::le, {most});
    })};
  }

  friend result operator==(column_of, const value_type& x) { return one(comparison::eq, x); }
  friend result operator!=(column_of, const value_type& x) { return one(comparison::ne, x); }
  friend result operator<(column_of, const value_type& x) { return one(comparison::lt, x); }
  friend result operator<=(column_of, const value_type& x) { return one(comparison::le, x); }
  friend result operator>(column_of, const value_type& x) { return one(comparison::gt, x); }
  friend result operator>=(column_of, const value_type& x) { return one(comparison::ge, x); }

  // What is no value of the column.
  template <detail::no_value_of<value_type> X>
  friend result operator==(column_of, const X&) {
    return detail::refused_value<result, X>();
  }
  template <detail::no_value_of<value_type> X>
  friend result operator!=(column_of, const X&) {
    return detail::refused_value<result, X>();
  }
  template <detail::no_value_of<value_type> X>
  friend result operator<(column_of, const X&) {
    return detail::refused_value<result, X>();
  }
  template <detail::no_value_of<value_type> X>
  friend result operator<=(column_of, const X&) {
    return detail::refused_value<result, X>();
  }
  template <detail::no_value_of<value_type> X>
  friend result operator>(column_of, const X&) {
    return detail::refused_value<result, X>();
  }
  template <detail::no_value_of<value_type> X>
  friend result operator>=(column_of, const X&) {
    return detail::refused_value<result, X>();
  }

  // The column as a number of its row.
  template <class X>
    requires std::convertible_to<X, number>
  friend number operator+(column_of lhs, const X& rhs) {
    return number{lhs} + number{rhs};
  }
  template <class X>
    requires std::convertible_to<X, number>
  friend number operator-(column_of lhs, const X& rhs) {
    return number{lhs} - number{rhs};
  }
  template <class X>
    requires std::convertible_to<X, number>
  friend number operator*(column_of lhs, const X& rhs) {
    return number{lhs} * number{rhs};
  }
  template <detail::constant_of_column<column_of> X>
  friend number operator+(const X& lhs, column_of rhs) {
    return number{lhs} + number{rhs};
  }
  template <detail::constant_of_column<column_of> X>
  friend number operator-(const X& lhs, column_of rhs) {
    return number{lhs} - number{rhs};
  }
  template <detail::constant_of_column<column_of> X>
  friend number operator*(const X& lhs, column_of rhs) {
    return number{lhs} * number{rhs};
  }

  [[nodiscard]] result in(const std::vector<value_type>& xs) const {
    std::vector<value> operands;
    operands.reserve(xs.size());
    for (const auto& x : xs) {
      operands.push_back(value_traits<value_type>::to_value(x));
    }
    return compare(comparison::in, std::move(operands));
  }
  template <detail::no_value_of<value_type> X>
  [[nodiscard]] result in(std::initializer_list<X>) const {
    return detail::refused_value<result, X>();
  }

  /// From `least` to `most`, both included.
  [[nodiscard]] result between(const value_type& least, const value_type& most) const {
    return compare_range(value_traits<value_type>::to_value(least),
                         value_traits<value_type>::to_value(most));
  }
  template <detail::no_value_of<value_type> X>
  [[nodiscard]] result between(const X&, const X&) const {
    return detail::refused_value<result, X>();
  }

  [[nodiscard]] result is_null(bool x = true) const { return compare(comparison::is_null, {x}); }

  /// Equal but for case.
  [[nodiscard]] result iexact(std::string x) const {
    return text(comparison::iexact, std::move(x));
  }
  [[nodiscard]] result contains(std::string x) const {
    return text(comparison::contains, std::move(x));
  }
  [[nodiscard]] result icontains(std::string x) const {
    return text(comparison::icontains, std::move(x));
  }
  [[nodiscard]] result startswith(std::string x) const {
    return text(comparison::startswith, std::move(x));
  }
  [[nodiscard]] result istartswith(std::string x) const {
    return text(comparison::istartswith, std::move(x));
  }
  [[nodiscard]] result endswith(std::string x) const {
    return text(comparison::endswith, std::move(x));
  }
  [[nodiscard]] result iendswith(std::string x) const {
    return text(comparison::iendswith, std::move(x));
  }

private:
  static result text(comparison op, std::string x) {
    static_assert(is_text, "dcrf: this comparison is for columns of text");
    return compare(op, {std::move(x)});
  }
  static result one(comparison op, const value_type& x) {
    return compare(op, {value_traits<value_type>::to_value(x)});
  }
};

template <auto... Members>
inline constexpr column_of<Members...> column{};

/// Holds for the rows that the many-to-many relation `Member` relates to the row with key `x`.
template <auto Member>
condition_on<class_of<Member>> related_to(const key& x) {
  static_assert(detail::is_relation_member<Member>,
                "dcrf: related_to<&model::member> wants a many_to_many member; a foreign key is "
                "compared as a column: dcrf::column<&model::member> == key");
  condition result;
  result.kind = condition::node::related;
  result.relation = model_of<class_of<Member>>().find_relation(name_of<Member>());
  result.operands = {x.get()};
  return {std::move(result)};
}

/// Holds for the rows of the far side of `Member` that are related to its row with key `x`.
template <auto Member>
auto related_from(const key& x) {
  static_assert(detail::is_relation_member<Member>,
                "dcrf: related_from<&other::member> wants a many_to_many member; rows that refer "
                "are dcrf::column<dcrf::referring<&other::member>>");
  condition result;
  result.kind = condition::node::related;
  result.relation = model_of<class_of<Member>>().find_relation(name_of<Member>());
  result.reverse = true;
  result.operands = {x.get()};
  if constexpr (detail::is_relation_member<Member>) {
    return condition_on<typename type_of<Member>::target_type>{std::move(result)};
  } else {
    return condition_on<class_of<Member>>{std::move(result)};
  }
}

/// Holds for the rows of which at least one belonging row meets a condition, as Django's `Exists`:
/// `exists<&task::labels>(column<&label::name> == "urgent" && column<&label::color> == "red")`, and
/// `exists<referring<&task::project>>(…)` for projects. The steps are those of a column; the last
/// one leads to many rows.
template <auto... Steps>
  requires detail::leads_to_rows<Steps...>
[[nodiscard]] auto
exists(condition_on<typename detail::far_of<detail::last_part<Steps...>::part>::type> x) {
  static_assert(
      detail::is_column<Steps...>,
      "dcrf: exists<steps...> follows foreign keys and relations, each to the struct that "
      "the next step belongs to");
  using model_type = typename detail::column_part<detail::first_part<Steps...>>::near;
  return condition_on<model_type>{
      detail::along<Steps...>({}, [&](const column_path&) { return std::move(x.value); })};
}

// What is no step to rows, or no condition on them.
template <auto... Steps, class T>
[[nodiscard]] auto exists(const condition_on<T>&) {
  static_assert(detail::leads_to_rows<Steps...>,
                "dcrf: the last step of exists<> is a many_to_many member, dcrf::referring<> or "
                "dcrf::relating<>");
  static_assert(!detail::leads_to_rows<Steps...> || detail::is_condition_on_rows<T, Steps...>,
                "dcrf: the condition of exists<> is on the rows that its last step leads to");
  return condition_on<typename detail::column_part<detail::first_part<Steps...>>::near>{};
}

/// Which rows of model `T`, in which order, as a queryset of Django.
template <class T>
class query {
  static_assert(model_type<T>, "dcrf: this struct is no model: specialise dcrf::model<T> for it, "
                               "with a `table` and a `primary_key`");

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

  // What is no condition on rows of this model.
  template <class X>
    requires(!std::same_as<X, condition_on<T>>)
  [[nodiscard]] query filter(const X&) const {
    static_assert(std::same_as<X, condition_on<T>>,
                  "dcrf: a query is filtered by conditions on rows of its own model: what foreign "
                  "keys lead to is dcrf::column<&model::foreign_key, &other::member>");
    return *this;
  }
  template <class X>
    requires(!std::same_as<X, condition_on<T>>)
  [[nodiscard]] query exclude(const X& x) const {
    return filter(x);
  }

  /// Orders by the column, after the orderings given before.
  template <auto... Members>
  [[nodiscard]] query order_by() && {
    selection_.order_by.push_back({path_of<Members...>(), false});
    return std::move(*this);
  }
  template <auto... Members>
  [[nodiscard]] query order_by() const& {
    return query{*this}.template order_by<Members...>();
  }

  template <auto... Members>
  [[nodiscard]] query order_by_descending() && {
    selection_.order_by.push_back({path_of<Members...>(), true});
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
  template <auto... Members>
  static column_path path_of() {
    static_assert(sizeof...(Members) > 0, "dcrf: a query is ordered by a member of its model: "
                                          "order_by<&model::member>()");
    if constexpr (sizeof...(Members) > 0) {
      using column = column_of<Members...>;
      static_assert(std::same_as<typename column::model_type, T>,
                    "dcrf: a query is ordered by members of its own model: what a foreign key "
                    "leads to is order_by<&model::foreign_key, &other::member>()");
      return column::path();
    } else {
      return {};
    }
  }

  dcrf::selection selection_;
};

} // namespace dcrf
