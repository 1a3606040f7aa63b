#pragma once

#include "dcrf/store/internal/dialect.hpp"
#include "dcrf/store/query.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// A statement's text and what is bound to it.
struct bound_sql {
  std::string sql;
  std::vector<value> parameters{};
};

/// The columns of a model's fields, in their order, of the table named `alias`.
[[nodiscard]] std::string columns_of(const model_descriptor& model, std::string_view alias);

/// Collects what a query over one model needs: the tables that its paths lead to, the parameters of
/// its conditions. Whatever comes from outside is bound, never written into the text.
class select_builder {
public:
  /// The name of the model's own table within the query.
  static constexpr std::string_view root = "t0";

  /// `parameters_before` are in the statement before what this builds. Tables of a query within
  /// others have names of their own, by its `depth`.
  select_builder(const dialect& language, const model_descriptor& model,
                 std::size_t parameters_before = 0, std::size_t depth = 0)
      : language_(language), model_(model), parameters_before_(parameters_before), depth_(depth) {}

  /// For a condition on one row that goes by the name `row`, with all values in the text.
  static select_builder of_row(const dialect& language, const model_descriptor& model,
                               std::string_view row) {
    select_builder result{language, model};
    result.row_ = row;
    return result;
  }

  /// Where a path ends.
  struct endpoint {
    std::string column;
    const field_descriptor* field;
    /// Whether it can be null, by itself or because a reference on the way is.
    bool is_nullable;
  };

  /// Joins what is on the way.
  /// @throws store_failure if the path leads nowhere.
  endpoint follow(const column_path& path);

  /// The condition in SQL: true or not, never null where it is negated.
  [[nodiscard]] std::string where(const condition& x);

  /// The list for ORDER BY, with the primary key at its end.
  [[nodiscard]] std::string order(const std::vector<ordering>& by);

  /// Binds a value and returns its placeholder. In the text, placeholders must come in the order in
  /// which they were made.
  [[nodiscard]] std::string parameter(value x);

  /// `FROM table AS t0 LEFT JOIN …`: to be asked for after all paths were followed.
  [[nodiscard]] std::string from() const;

  [[nodiscard]] std::vector<value>& parameters() noexcept { return parameters_; }

private:
  // A table reached over the foreign key `field` of the table `parent`.
  struct join {
    std::size_t parent;
    std::size_t field;
    const model_descriptor* model;
  };

  [[nodiscard]] std::string negated(const condition& x);
  [[nodiscard]] std::string connected(const std::vector<condition>& parts, std::string_view word);
  [[nodiscard]] std::string compared(const condition& x);
  [[nodiscard]] std::string compared_to(const endpoint& at, comparison op, const value& operand);
  [[nodiscard]] std::string one_of(const endpoint& at, const std::vector<value>& operands);
  [[nodiscard]] std::string related(const condition& x);
  [[nodiscard]] std::string any_of_rows(const condition& x);
  [[nodiscard]] std::string any_of_related(const condition& x, const model_descriptor& near,
                                           std::string_view near_key);
  [[nodiscard]] std::string any_of_referrers(const condition& x, const model_descriptor& near,
                                             std::string_view near_key);
  [[nodiscard]] std::string take_parameters(select_builder& inner, std::string sql);
  [[nodiscard]] select_builder within(const model_descriptor& model) const;
  [[nodiscard]] std::string alias(std::size_t table) const;
  [[nodiscard]] std::size_t join_to(std::size_t parent, std::size_t field,
                                    const model_descriptor& target);
  [[nodiscard]] const model_descriptor& model_at(std::size_t table) const;

  const dialect& language_;
  const model_descriptor& model_;
  std::size_t parameters_before_;
  std::size_t depth_;
  std::vector<join> joins_;
  std::vector<value> parameters_;
  // Of a condition on one row; else empty.
  std::string_view row_;
};

/// The condition of a check on the row that goes by the name `row`.
/// @throws store_failure if it looks at other rows, which no row can keep from changing
[[nodiscard]] std::string check_sql(const dialect& language, const model_descriptor& model,
                                    const check_descriptor& check, std::string_view row);

/// The rows of a selection, their fields in order.
[[nodiscard]] bound_sql select_rows(const dialect& language, const selection& x);

/// Their number, limit and offset aside; with `exists_only`, a row if there is any.
[[nodiscard]] bound_sql select_count(const dialect& language, const selection& x, bool exists_only);

/// Their primary keys, limit, offset and order aside, to be used within another statement, which
/// has some parameters before.
[[nodiscard]] bound_sql select_keys(const dialect& language, const selection& x,
                                    std::size_t parameters_before);

/// `LIMIT … OFFSET …`, with a blank before, if there is any.
[[nodiscard]] std::string limit_clause(select_builder& builder, const dialect& language,
                                       const selection& x);

} // namespace dcrf::internal
