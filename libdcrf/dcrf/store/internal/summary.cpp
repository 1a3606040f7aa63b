#include "dcrf/store/internal/summary.hpp"

#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace dcrf::internal {

namespace {

using function = aggregate::function;

bool is_number(const field_descriptor& field) noexcept {
  return (field.type == field_type::integer && !field.is_foreign_key())
         || field.type == field_type::real || field.type == field_type::decimal;
}

bool is_ordered(const field_descriptor& field) noexcept {
  return is_number(field) || field.type == field_type::text || field.type == field_type::date
         || field.type == field_type::timestamp;
}

// The field at the end of a path, which `follow` has found to lead somewhere.
const field_descriptor& field_at(const model_descriptor& model, const column_path& path) {
  const auto* at = &model;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    at = &at->fields[path[i]].target();
  }
  return at->fields[path.back()];
}

// As it is read, whatever the column itself may be.
std::optional<value> read(const found_row& from, std::size_t column,
                          const field_descriptor& field) {
  auto any = field;
  any.is_nullable = true;
  return read_value(from, column, any);
}

std::string_view name_of(function x) noexcept {
  switch (x) {
  case function::sum:
    return "sum";
  case function::min:
    return "min";
  case function::max:
    return "max";
  default:
    break;
  }
  return "count";
}

} // namespace

std::string sql_of(const aggregate& x, select_builder& builder, const dialect& language) {
  if (x.path.empty() && x.what == function::count) {
    return "count(*)";
  }
  auto at = builder.follow(x.path);
  auto fits = x.what == function::count
              || (x.what == function::sum || x.what == function::avg ? is_number(*at.field)
                                                                     : is_ordered(*at.field));
  if (!fits) {
    throw store_failure(store_errc::failed,
                        fmt::format("there is no {} of {}",
                                    x.what == function::avg ? "average" : name_of(x.what),
                                    at.field->name));
  }
  if (x.what == function::avg) {
    return language.average(at.column, *at.field);
  }
  auto sql = fmt::format("{}({})", name_of(x.what), at.column);
  return x.what == function::count
             ? sql
             : fmt::format("CAST({} AS {})", sql, language.type_of(*at.field));
}

bound_sql select_aggregates(const dialect& language, const aggregate_command& x) {
  select_builder builder{language, *x.rows.model};
  auto where = builder.where(x.rows.where);
  std::string columns;
  std::string grouping;
  if (x.by) {
    auto by = builder.follow(*x.by);
    columns = by.column;
    grouping = fmt::format(" GROUP BY {0} ORDER BY {0}{1}", by.column,
                           language.ordered(false, by.is_nullable));
  }
  for (const auto& each : x.wanted) {
    columns += columns.empty() ? "" : ", ";
    columns += sql_of(each, builder, language);
  }
  return {fmt::format("SELECT {} {} WHERE {}{}", columns, builder.from(), where, grouping),
          std::move(builder.parameters())};
}

value aggregate_of_none(const aggregate& x, const model_descriptor& model) {
  if (x.what == function::count) {
    return std::int64_t{0};
  }
  if (x.what == function::sum) {
    return fitted(field_at(model, x.path), std::int64_t{0}).value_or(value{});
  }
  return {};
}

value read_aggregate(const found_row& from, std::size_t column, const aggregate& x,
                     const model_descriptor& model) {
  if (from.type(column) == storage::null) {
    return aggregate_of_none(x, model);
  }
  if (x.what == function::count) {
    return from.integer(column);
  }
  if (x.what == function::avg) {
    return from.real(column);
  }
  auto result = read(from, column, field_at(model, x.path));
  if (!result) {
    throw store_failure(
        store_errc::failed,
        fmt::format("the {} of {} can't be read", name_of(x.what), field_at(model, x.path).name));
  }
  return std::move(*result);
}

record read_aggregates(const store& at, const found_row& from, const aggregate_command& x) {
  const auto& model = *x.rows.model;
  record result;
  if (x.by) {
    const auto& field = field_at(model, *x.by);
    auto by = read(from, 0, field);
    if (!by && at.options.report) {
      at.options.report(
          fmt::format("{} can't be grouped by: it is {}", field.column, misfit(from, 0, field)));
    }
    result.push_back(by ? std::move(*by) : value{});
  }
  for (const auto& each : x.wanted) {
    result.push_back(read_aggregate(from, result.size(), each, model));
  }
  return result;
}

store_result execute(store& at, const aggregate_command& x) {
  at.statements(*x.rows.model);
  auto query = select_aggregates(at.sql.language(), x);
  store_result result;
  at.sql.each(query.sql, query.parameters, [&](const statement& found) {
    result.rows.push_back({read_aggregates(at, found, x)});
  });
  return result;
}

} // namespace dcrf::internal
