#include "dcrf/store/internal/select.hpp"

#include "dcrf/store/command.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dcrf::internal {

namespace {

std::string column(std::string_view table, const field_descriptor& field) {
  return fmt::format("{}.{}", table, quoted_name(field.column));
}

} // namespace

std::string columns_of(const model_descriptor& model, std::string_view table) {
  std::string result;
  for (const auto& field : model.fields) {
    if (!result.empty()) {
      result += ", ";
    }
    result += column(table, field);
  }
  return result;
}

std::string select_builder::alias(std::size_t table) const {
  if (table == 0 && !row_.empty()) {
    return std::string{row_};
  }
  return depth_ == 0 ? fmt::format("t{}", table) : fmt::format("q{}t{}", depth_, table);
}

const model_descriptor& select_builder::model_at(std::size_t table) const {
  return table == 0 ? model_ : *joins_[table - 1].model;
}

std::size_t select_builder::join_to(std::size_t parent, std::size_t field,
                                    const model_descriptor& target) {
  auto known = std::ranges::find_if(
      joins_, [&](const join& x) { return x.parent == parent && x.field == field; });
  if (known == joins_.end()) {
    joins_.push_back({parent, field, &target});
    return joins_.size();
  }
  return static_cast<std::size_t>(known - joins_.begin()) + 1;
}

select_builder::endpoint select_builder::follow(const column_path& path) {
  std::size_t table = 0;
  bool is_nullable = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto& model = model_at(table);
    if (path[i] >= model.fields.size()) {
      break;
    }
    const auto& field = model.fields[path[i]];
    is_nullable = is_nullable || field.is_nullable;
    auto left = path.size() - i - 1;
    // The key of a row referred to is in the reference already.
    auto ends_here =
        left == 0
        || (left == 1 && field.is_foreign_key() && path[i + 1] == field.target().primary_key);
    if (ends_here) {
      return {language_.comparable(column(alias(table), field), field), &field, is_nullable};
    }
    if (!field.is_foreign_key()) {
      break;
    }
    table = join_to(table, path[i], field.target());
  }
  throw store_failure(store_errc::failed,
                      fmt::format("a query over {} has a path that leads nowhere", model_.table));
}

std::string select_builder::parameter(value x) {
  if (!row_.empty()) {
    return language_.literal(x);
  }
  parameters_.push_back(std::move(x));
  return fmt::format(":p{}", parameters_before_ + parameters_.size());
}

std::string select_builder::order(const std::vector<ordering>& by) {
  std::string result;
  for (const auto& x : by) {
    auto at = follow(x.path);
    result += at.column;
    result += language_.ordered(x.is_descending, at.is_nullable);
    result += ", ";
  }
  return result + column(alias(0), model_.key_field());
}

std::string select_builder::from() const {
  auto result = fmt::format("FROM {} AS {}", quoted_name(model_.table), alias(0));
  for (std::size_t i = 0; i < joins_.size(); ++i) {
    const auto& x = joins_[i];
    const auto& reference = model_at(x.parent).fields[x.field];
    result +=
        fmt::format(" LEFT JOIN {} AS {} ON {} = {}", quoted_name(x.model->table), alias(i + 1),
                    column(alias(i + 1), x.model->key_field()), column(alias(x.parent), reference));
  }
  return result;
}

namespace {

bool is_on_one_row(const condition& x) {
  return x.kind != condition::node::related && x.kind != condition::node::any_of_rows
         && x.path.size() <= 1 && std::ranges::all_of(x.children, is_on_one_row);
}

} // namespace

std::string check_sql(const dialect& language, const model_descriptor& model,
                      const check_descriptor& check, std::string_view row) {
  auto holds = check.holds();
  if (!is_on_one_row(holds)) {
    throw store_failure(store_errc::failed,
                        fmt::format("the check \"{}\" of \"{}\" looks at other rows than the one "
                                    "that it is about",
                                    check.name, model.name));
  }
  return select_builder::of_row(language, model, row).where(holds);
}

std::string limit_clause(select_builder& builder, const dialect& language, const selection& x) {
  std::string result;
  if (x.limit) {
    result = " LIMIT " + builder.parameter(std::max<std::int64_t>(*x.limit, 0));
  } else if (x.offset > 0) {
    result = fmt::format(" LIMIT {}", language.no_limit());
  }
  if (x.offset > 0) {
    result += " OFFSET " + builder.parameter(x.offset);
  }
  return result;
}

bound_sql select_rows(const dialect& language, const selection& x) {
  select_builder builder{language, *x.model};
  auto where = builder.where(x.where);
  auto order = builder.order(x.order_by);
  auto limit = limit_clause(builder, language, x);
  return {fmt::format("SELECT {} {} WHERE {} ORDER BY {}{}",
                      columns_of(*x.model, select_builder::root), builder.from(), where, order,
                      limit),
          std::move(builder.parameters())};
}

bound_sql select_count(const dialect& language, const selection& x, bool exists_only) {
  select_builder builder{language, *x.model};
  auto where = builder.where(x.where);
  return {exists_only ? fmt::format("SELECT 1 {} WHERE {} LIMIT 1", builder.from(), where)
                      : fmt::format("SELECT count(*) {} WHERE {}", builder.from(), where),
          std::move(builder.parameters())};
}

bound_sql select_keys(const dialect& language, const selection& x, std::size_t parameters_before) {
  select_builder builder{language, *x.model, parameters_before};
  auto where = builder.where(x.where);
  return {fmt::format("SELECT {} {} WHERE {}", column(select_builder::root, x.model->key_field()),
                      builder.from(), where),
          std::move(builder.parameters())};
}

} // namespace dcrf::internal
